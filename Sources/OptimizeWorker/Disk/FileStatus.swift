internal import Glibc

/// What the kernel says of a file; two equal ones are one file that nobody wrote to in between.
struct FileStatus: Sendable, Hashable {
    var device: UInt64
    var inode: UInt64
    var mode: UInt32
    var links: Int
    var owner: UInt32
    var size: Int
    /// Bytes on the disk: `st_blocks` × 512.
    var diskBytes: Int
    /// Nanoseconds since 1970.
    var modified: Int
    var changed: Int
    var accessed: Int

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        mode = status.st_mode
        links = Int(status.st_nlink)
        owner = status.st_uid
        size = Int(status.st_size)
        diskBytes = Int(status.st_blocks) * 512
        modified = Self.nanoseconds(status.st_mtim)
        changed = Self.nanoseconds(status.st_ctim)
        accessed = Self.nanoseconds(status.st_atim)
    }

    var key: FileKey { FileKey(device: device, inode: inode) }
    var isRegularFile: Bool { mode & S_IFMT == S_IFREG }
    var isFolder: Bool { mode & S_IFMT == S_IFDIR }

    /// For the journal.
    var facts: Facts {
        [
            "device": .int(Int(bitPattern: UInt(device))), "inode": .int(Int(bitPattern: UInt(inode))),
            "size": .int(size), "mtime_ns": .int(modified), "ctime_ns": .int(changed), "owner": .int(Int(owner)),
            "mode": .int(Int(mode)),
        ]
    }

    /// In what this file differs from the one that was planned, in words; nil when it is the same, unchanged.
    func difference(from planned: Facts) -> String? {
        let now = facts
        for (name, words) in [
            ("device", "another file took its place"), ("inode", "another file took its place"),
            ("size", "its size changed"), ("mtime_ns", "it was written to"), ("ctime_ns", "its status changed"),
        ] where now[name] != planned[name] { return words }
        return nil
    }

    /// Whether it is the planned file, whatever its status: moving a file changes its ctime.
    func isSameFile(as planned: Facts) -> Bool {
        let now = facts
        return ["device", "inode", "size", "mtime_ns"].allSatisfy { now[$0] == planned[$0] }
    }

    private static func nanoseconds(_ time: timespec) -> Int {
        let (product, isTooLarge) = Int(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        guard !isTooLarge else { return time.tv_sec < 0 ? .min : .max }
        return product.addingReportingOverflow(time.tv_nsec).partialValue
    }
}

/// Which file it is, whatever its name.
struct FileKey: Sendable, Hashable {
    var device: UInt64
    var inode: UInt64
}
