/// The memory and swap of a host, in bytes.
package struct MemorySample: Sendable, Hashable {
    package var total: Int?
    /// What programs can have without swapping.
    package var available: Int?
    /// `total - available`.
    package var used: Int?
    package var free: Int?
    package var buffers: Int?
    package var cached: Int?
    package var usedPercent: Double?
    package var swapTotal: Int?
    package var swapUsed: Int?
    /// nil without swap.
    package var swapUsedPercent: Double?
    /// What the control group allows; nil without a limit.
    package var limit: Int?
    /// The working set of the control group.
    package var limitUsed: Int?
    /// Share of the last 10 s in which some task waited for memory (PSI).
    package var pressurePercent: Double?
    /// What block devices, swap included, were asked for.
    package var pagedInBytesPerSecond: Double?
    package var pagedOutBytesPerSecond: Double?
    package var swappedInBytesPerSecond: Double?
    package var swappedOutBytesPerSecond: Double?
    /// Page faults that waited for a device.
    package var majorFaultsPerSecond: Double?
    /// Processes killed for want of memory since the host booted.
    package var oomKills: Int?
    package var oomKillsPerSecond: Double?

    package init(
        total: Int? = nil, available: Int? = nil, used: Int? = nil, free: Int? = nil, buffers: Int? = nil,
        cached: Int? = nil, usedPercent: Double? = nil, swapTotal: Int? = nil, swapUsed: Int? = nil,
        swapUsedPercent: Double? = nil, limit: Int? = nil, limitUsed: Int? = nil, pressurePercent: Double? = nil
    ) {
        self.total = total
        self.available = available
        self.used = used
        self.free = free
        self.buffers = buffers
        self.cached = cached
        self.usedPercent = usedPercent
        self.swapTotal = swapTotal
        self.swapUsed = swapUsed
        self.swapUsedPercent = swapUsedPercent
        self.limit = limit
        self.limitUsed = limitUsed
        self.pressurePercent = pressurePercent
    }

    init(_ value: JSONValue) {
        total = value["total_bytes"]?.int
        available = value["available_bytes"]?.int
        used = value["used_bytes"]?.int
        free = value["free_bytes"]?.int
        buffers = value["buffers_bytes"]?.int
        cached = value["cached_bytes"]?.int
        usedPercent = value["used_percent"]?.double
        swapTotal = value["swap_total_bytes"]?.int
        swapUsed = value["swap_used_bytes"]?.int
        swapUsedPercent = value["swap_used_percent"]?.double
        limit = value["limit_bytes"]?.int
        limitUsed = value["limit_used_bytes"]?.int
        pressurePercent = value["pressure_percent"]?.double
        pagedInBytesPerSecond = value["paged_in_bytes_per_second"]?.double
        pagedOutBytesPerSecond = value["paged_out_bytes_per_second"]?.double
        swappedInBytesPerSecond = value["swapped_in_bytes_per_second"]?.double
        swappedOutBytesPerSecond = value["swapped_out_bytes_per_second"]?.double
        majorFaultsPerSecond = value["major_faults_per_second"]?.double
        oomKills = value["oom_kills"]?.int
        oomKillsPerSecond = value["oom_kills_per_second"]?.double
    }

    func writeMembers(to writer: inout JSONWriter) {
        writer.member("total_bytes", total)
        writer.member("available_bytes", available)
        writer.member("used_bytes", used)
        writer.member("free_bytes", free)
        writer.member("buffers_bytes", buffers)
        writer.member("cached_bytes", cached)
        writer.member("used_percent", usedPercent)
        writer.member("swap_total_bytes", swapTotal)
        writer.member("swap_used_bytes", swapUsed)
        writer.member("swap_used_percent", swapUsedPercent)
        writer.member("limit_bytes", limit)
        writer.member("limit_used_bytes", limitUsed)
        writer.member("pressure_percent", pressurePercent)
        writer.member("paged_in_bytes_per_second", pagedInBytesPerSecond)
        writer.member("paged_out_bytes_per_second", pagedOutBytesPerSecond)
        writer.member("swapped_in_bytes_per_second", swappedInBytesPerSecond)
        writer.member("swapped_out_bytes_per_second", swappedOutBytesPerSecond)
        writer.member("major_faults_per_second", majorFaultsPerSecond)
        writer.member("oom_kills", oomKills)
        writer.member("oom_kills_per_second", oomKillsPerSecond)
    }
}

extension MemorySample {
    static let schema = Schema.object([
        .init("total_bytes", .integer(8_589_934_592).nullable),
        .init("available_bytes", .integer(6_442_450_944, "What programs can have without swapping.").nullable),
        .init("used_bytes", .integer(2_147_483_648, "Total less available.").nullable),
        .init("free_bytes", .integer(1_073_741_824).nullable),
        .init("buffers_bytes", .integer(268_435_456).nullable),
        .init("cached_bytes", .integer(5_368_709_120).nullable),
        .init("used_percent", .percent(25).nullable),
        .init("swap_total_bytes", .integer(0).nullable),
        .init("swap_used_bytes", .integer(0).nullable),
        .init("swap_used_percent", .percent(0, "Null without swap.").nullable),
        .init("limit_bytes", .integer(4_294_967_296, "What the control group allows.").nullable),
        .init("limit_used_bytes", .integer(1_073_741_824, "The working set of the control group.").nullable),
        .init(
            "pressure_percent", .percent(0, "Share of the last 10 s in which a task waited for memory.").nullable),
        .init("paged_in_bytes_per_second", .number(4096, "From block devices, swap included.").nullable),
        .init("paged_out_bytes_per_second", .number(8192, "To block devices, swap included.").nullable),
        .init("swapped_in_bytes_per_second", .number(0).nullable),
        .init("swapped_out_bytes_per_second", .number(0).nullable),
        .init("major_faults_per_second", .number(2, "Page faults that waited for a device.").nullable),
        .init("oom_kills", .integer(0, "Processes killed for want of memory since the host booted.").nullable),
        .init("oom_kills_per_second", .number(0).nullable),
    ])
}
