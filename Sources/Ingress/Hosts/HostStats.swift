internal import Contracts
internal import Runtime

/// The nine numbers of `/api/v1/system/stats`, whose clients take no null.
struct HostStats: Sendable, Hashable {
    var timestamp: Timestamp
    var cpuPercent: Double
    /// GiB.
    var ramUsed: Double
    /// GiB.
    var ramTotal: Double
    var ramPercent: Double
    /// The first GPU; 0 without one, as the contract says.
    var gpuPercent: Double
    /// MiB.
    var vramUsed: Double
    /// MiB.
    var vramTotal: Double
    var vramPercent: Double

    /// Why there are none yet.
    static let notMeasured = "The host has not been measured twice yet."

    private static let gibibyte = 1_073_741_824.0
    private static let mebibyte = 1_048_576.0
}

extension HostStats {
    /// Nil while the sample lacks what must be a number: the first one after a start has no processor time yet.
    init?(_ sample: HostSample) {
        guard let cpu = sample.cpu.busyPercent, let used = sample.memory.used, let total = sample.memory.total,
            let percent = sample.memory.usedPercent
        else { return nil }
        let gpu = sample.gpus.first
        self.init(
            timestamp: sample.timestamp, cpuPercent: cpu, ramUsed: Double(used) / Self.gibibyte,
            ramTotal: Double(total) / Self.gibibyte, ramPercent: percent, gpuPercent: gpu?.busyPercent ?? 0,
            vramUsed: Double(gpu?.memoryUsed ?? 0) / Self.mebibyte,
            vramTotal: Double(gpu?.memoryTotal ?? 0) / Self.mebibyte, vramPercent: gpu?.memoryUsedPercent ?? 0)
    }

    /// One record of the history.
    static let schema = Schema.object([
        .init("cpu_percent", .percent(12.5)),
        .init("ram_used_gb", .number(3, "GiB.")),
        .init("ram_total_gb", .number(4, "GiB.")),
        .init("ram_percent", .percent(75)),
        .init("gpu_percent", .percent(0, "The first GPU; 0 without one.")),
        .init("vram_used_mb", .number(0, "MiB.")),
        .init("vram_total_mb", .number(0, "MiB.")),
        .init("vram_percent", .percent(0)),
        .init("timestamp", .naiveTime()),
    ]).named("HostStats")

    static let currentSchema = schema.adding([
        .init("stale", .flag(true, "There when the host has been silent for three intervals."), isRequired: false)
    ]).named("CurrentHostStats")

    /// The members, the timestamp last and naive as its clients parse it.
    func write(to writer: inout JSONWriter, isStale: Bool? = nil) {
        writer.object { writer in
            writer.member("cpu_percent", cpuPercent)
            writer.member("ram_used_gb", ramUsed)
            writer.member("ram_total_gb", ramTotal)
            writer.member("ram_percent", ramPercent)
            writer.member("gpu_percent", gpuPercent)
            writer.member("vram_used_mb", vramUsed)
            writer.member("vram_total_mb", vramTotal)
            writer.member("vram_percent", vramPercent)
            writer.member("timestamp", timestamp.naive)
            if let isStale, isStale { writer.member("stale", true) }
        }
    }
}
