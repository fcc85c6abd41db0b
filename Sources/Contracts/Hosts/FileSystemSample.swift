/// How full one mounted file system is, in bytes.
package struct FileSystemSample: Sendable, Hashable {
    package var mountPoint: String
    package var device: String?
    /// Such as `ext4`.
    package var type: String?
    package var total: Int?
    package var used: Int?
    /// What an unprivileged program can have.
    package var available: Int?
    /// `used / (used + available)`, as df shows it.
    package var usedPercent: Double?
    package var inodesUsedPercent: Double?

    package init(
        mountPoint: String, device: String? = nil, type: String? = nil, total: Int? = nil, used: Int? = nil,
        available: Int? = nil, usedPercent: Double? = nil, inodesUsedPercent: Double? = nil
    ) {
        self.mountPoint = mountPoint
        self.device = device
        self.type = type
        self.total = total
        self.used = used
        self.available = available
        self.usedPercent = usedPercent
        self.inodesUsedPercent = inodesUsedPercent
    }

    init(_ value: JSONValue) throws(MessageError) {
        mountPoint = try value.requiredString("mount_point")
        device = value["device"]?.string
        type = value["type"]?.string
        total = value["total_bytes"]?.int
        used = value["used_bytes"]?.int
        available = value["available_bytes"]?.int
        usedPercent = value["used_percent"]?.double
        inodesUsedPercent = value["inodes_used_percent"]?.double
    }

    func write(to writer: inout JSONWriter) { writer.object(writeMembers) }

    private func writeMembers(to writer: inout JSONWriter) {
        writer.member("mount_point", mountPoint)
        writer.member("device", device)
        writer.member("type", type)
        writer.member("total_bytes", total)
        writer.member("used_bytes", used)
        writer.member("available_bytes", available)
        writer.member("used_percent", usedPercent)
        writer.member("inodes_used_percent", inodesUsedPercent)
    }
}

extension FileSystemSample {
    static let schema = Schema.object([
        .init("mount_point", .text("/")),
        .init("device", .text("/dev/nvme0n1p2").nullable),
        .init("type", .text("ext4").nullable),
        .init("total_bytes", .integer(107_374_182_400).nullable),
        .init("used_bytes", .integer(42_949_672_960).nullable),
        .init("available_bytes", .integer(64_424_509_440, "What an unprivileged program can have.").nullable),
        .init("used_percent", .percent(40, "As df shows it.").nullable),
        .init("inodes_used_percent", .percent(5).nullable),
    ])
}
