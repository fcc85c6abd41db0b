/// What the control group of the worker, which is its container, service or slice, may use and uses.
///
/// Where a parent sets the limit, its usage is shown: what counts against a limit is what everyone below it uses.
package struct ControlGroupSample: Sendable, Hashable {
    /// `v1`, `v2` or, with both mounted, `hybrid`.
    package var version: String?
    /// In its hierarchy, as the worker sees it.
    package var path: String?
    /// The processors online that it may run on, or the limit if that is less.
    package var effectiveCores: Double?
    /// The numbers of the processors that it may run on, as the kernel lists them; nil where nothing says so, and in
    /// records of older workers.
    package var cpuset: String?
    package var usedCores: Double?
    /// Of the effective cores.
    package var usedCPUPercent: Double?
    /// Share of the periods in which the quota was used up; nil without a quota.
    package var throttledPercent: Double?
    /// The memory of the host, or the limit if that is less.
    package var effectiveMemory: Int?
    /// By the working set where there is a limit, else as the host.
    package var effectiveMemoryUsedPercent: Double?
    /// With the page cache.
    package var memoryUsage: Int?
    /// Without file pages that were not used lately.
    package var workingSet: Int?
    /// Nil on version 1.
    package var pressure: PressureSample?

    package init() {}

    /// Nil for what is no object.
    init?(_ value: JSONValue) {
        guard value.kind == .object else { return nil }
        version = value["version"]?.string
        path = value["path"]?.string
        effectiveCores = value["effective_cores"]?.double
        cpuset = value["cpuset"]?.string
        usedCores = value["used_cores"]?.double
        usedCPUPercent = value["used_cpu_percent"]?.double
        throttledPercent = value["throttled_percent"]?.double
        effectiveMemory = value["effective_memory_bytes"]?.int
        effectiveMemoryUsedPercent = value["effective_memory_used_percent"]?.double
        memoryUsage = value["memory_usage_bytes"]?.int
        workingSet = value["working_set_bytes"]?.int
        pressure = value["pressure"].flatMap(PressureSample.init)
    }

    func writeMembers(to writer: inout JSONWriter) {
        writer.member("version", version)
        writer.member("path", path)
        writer.member("effective_cores", effectiveCores)
        writer.member("cpuset", cpuset)
        writer.member("used_cores", usedCores)
        writer.member("used_cpu_percent", usedCPUPercent)
        writer.member("throttled_percent", throttledPercent)
        writer.member("effective_memory_bytes", effectiveMemory)
        writer.member("effective_memory_used_percent", effectiveMemoryUsedPercent)
        writer.member("memory_usage_bytes", memoryUsage)
        writer.member("working_set_bytes", workingSet)
        if let pressure {
            writer.member("pressure", object: pressure.writeMembers)
        } else {
            writer.member("pressure", raw: [UInt8]?.none)
        }
    }
}

extension ControlGroupSample {
    static let schema = Schema.object([
        .init("version", .words(["v1", "v2", "hybrid"]).nullable),
        .init("path", .text("/system.slice/flotilla.service").nullable),
        .init(
            "effective_cores",
            .number(2, "The processors online that it may run on, or the limit if that is less.")
                .nullable),
        .init("cpuset", .text("0-3,8", "The processors that it may run on.").nullable),
        .init("used_cores", .number(0.5).nullable),
        .init("used_cpu_percent", .percent(25, "Of the effective cores.").nullable),
        .init("throttled_percent", .percent(0, "Periods in which the quota was used up.").nullable),
        .init(
            "effective_memory_bytes",
            .integer(4_294_967_296, "The host's memory, or the limit if that is less.").nullable),
        .init("effective_memory_used_percent", .percent(25).nullable),
        .init("memory_usage_bytes", .integer(2_147_483_648, "With the page cache.").nullable),
        .init("working_set_bytes", .integer(1_073_741_824, "Without file pages not used lately.").nullable),
        .init("pressure", PressureSample.schema.nullable),
    ])
}
