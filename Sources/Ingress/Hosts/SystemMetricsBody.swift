internal import Contracts
internal import Runtime

/// The hardware API's `SystemMetrics` of one host. Unknown is null.
struct SystemMetricsBody: Sendable {
    /// What the caller left out or asked for.
    struct Options: Sendable {
        var includesNetwork = true
        var includesDisk = true
        var includesGPU = false
        var includesContainers = true
        /// Seconds over which rates are averaged.
        var sampleDuration = 1
    }

    let host: HostState
    let isStale: Bool
    let options: Options
    var processes = TopProcesses.Outcome.notAskedFor

    private static let mebibyte = 1_048_576.0

    static let schema = Schema.object([
        .init("timestamp", .time()),
        .init("host", .text("gpu-7")),
        .init("stale", .flag(false, "Whether the host has been silent for three intervals.")),
        .init(
            "cpu",
            .object([
                .init("usage_percent", .percent(12.5).nullable), .init("cores", .integer(8).nullable),
                .init("physical_cores", .integer(4).nullable), .init("frequency_mhz", .number(2400).nullable),
                .init("temperature_celsius", .number(48).nullable), .init("iowait_percent", .percent(0.5).nullable),
                .init("steal_percent", .percent(0).nullable), .init("pressure_percent", .percent(1.5).nullable),
                .init("online_cores", .text("0-3,8", "The numbers of the online processors.").nullable),
                .init("core_usage_percent", .array(.percent(12.5).nullable, "Of each online processor.")),
                .init("core_times", CoreTimesSample.schema.nullable),
            ])),
        .init(
            "memory",
            .object([
                .init("usage_percent", .percent(75).nullable), .init("used_mb", .number(3072, "MiB.").nullable),
                .init("available_mb", .number(1024, "MiB.").nullable),
                .init("total_mb", .number(4096, "MiB.").nullable),
                .init("swap_used_mb", .number(0, "MiB.").nullable), .init("swap_percent", .percent(0).nullable),
                .init("pressure_percent", .percent(0).nullable),
            ])),
        .init(
            "disk",
            .object(
                [
                    .init("usage_percent", .percent(40).nullable, isRequired: false),
                    .init("free_mb", .number(61_440, "MiB.").nullable, isRequired: false),
                    .init("total_mb", .number(102_400, "MiB.").nullable, isRequired: false),
                    .init("read_mb_s", .number(1, "MiB/s.").nullable, isRequired: false),
                    .init("write_mb_s", .number(2, "MiB/s.").nullable, isRequired: false),
                ], "Of the root file system; empty where it was left out.")),
        .init(
            "network",
            .object(
                [
                    .init("bytes_sent", .integer(2_000_000).nullable, isRequired: false),
                    .init("bytes_recv", .integer(1_000_000).nullable, isRequired: false),
                    .init("sent_mb_s", .number(0.5, "MiB/s.").nullable, isRequired: false),
                    .init("recv_mb_s", .number(0.25, "MiB/s.").nullable, isRequired: false),
                ], "Empty where it was left out.")),
        .init("processes", .array(ProcessInfo.schema, "The busiest, as of now.").nullable),
        .init(
            "processes_reason", .text("The host's worker did not answer in time.", "Why `processes` is null."),
            isRequired: false),
        .init(
            "containers",
            .array(ContainerSample.schema, "Null where they were left out, or where the host has no control groups.")
                .nullable),
        .init("container_count", .integer(3, "How many there are: `containers` has 64 at most.").nullable),
        .init("sampler", SamplerSample.schema.nullable),
        .init(
            "gpu",
            .object([
                .init("name", .text("NVIDIA H100 80GB HBM3").nullable), .init("count", .integer(1)),
                .init("usage_percent", .percent(80).nullable),
                .init("memory_used_mb", .number(40_960, "MiB.").nullable),
                .init("memory_total_mb", .number(81_559, "MiB.").nullable),
                .init("memory_percent", .percent(50.25).nullable),
                .init("temperature_celsius", .number(61).nullable), .init("power_watts", .number(410.5).nullable),
            ]).nullable),
        .init("gpu_reason", .text("no NVIDIA driver", "Why there is no `gpu`.").nullable, isRequired: false),
        .init(
            "system_load",
            .object([
                .init("load1", .number(0.5), isRequired: false), .init("load5", .number(0.25), isRequired: false),
                .init("load15", .number(0.125), isRequired: false),
            ])),
        .init("uptime_seconds", .number(86_400.5).nullable),
    ]).named("SystemMetrics")

    var json: [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        writer.object(write)
        return writer.bytes
    }

    /// Writes the members.
    func write(to writer: inout JSONWriter) {
        let sample = host.sample
        let means = host.means(over: options.sampleDuration)
        writer.member("timestamp", sample.timestamp)
        writer.member("host", sample.host)
        writer.member("stale", isStale)
        writer.member("cpu", object: { writeCPU(sample.cpu, means.cpuPercent, to: &$0) })
        writer.member("memory", object: { writeMemory(sample.memory, to: &$0) })
        writer.member(
            "disk",
            object: { writer in
                guard options.includesDisk else { return }
                writeDisk(sample, read: means.diskRead, written: means.diskWritten, to: &writer)
            })
        writer.member(
            "network",
            object: { writer in
                guard options.includesNetwork else { return }
                writeNetwork(sample.network, to: &writer)
            })
        writeProcesses(to: &writer)
        if options.includesContainers, let containers = sample.containers {
            writer.member("containers", array: { writer in for one in containers { one.write(to: &writer) } })
        } else {
            writer.member("containers", raw: [UInt8]?.none)
        }
        writer.member("container_count", sample.containerCount)
        if let sampler = sample.sampler {
            writer.member("sampler", object: sampler.writeMembers)
        } else {
            writer.member("sampler", raw: [UInt8]?.none)
        }
        writeGPU(sample, to: &writer)
        writer.member(
            "system_load",
            object: { writer in
                if let load = sample.cpu.load1 { writer.member("load1", load) }
                if let load = sample.cpu.load5 { writer.member("load5", load) }
                if let load = sample.cpu.load15 { writer.member("load15", load) }
            })
        writer.member("uptime_seconds", sample.uptime)
    }

    private func writeCPU(_ cpu: CPUSample, _ busyPercent: Double?, to writer: inout JSONWriter) {
        writer.member("usage_percent", busyPercent)
        writer.member("cores", cpu.logicalCores)
        writer.member("physical_cores", cpu.physicalCores)
        writer.member("frequency_mhz", cpu.frequencyMHz)
        writer.member("temperature_celsius", cpu.temperatureCelsius)
        writer.member("iowait_percent", cpu.ioWaitPercent)
        writer.member("steal_percent", cpu.stealPercent)
        writer.member("pressure_percent", cpu.pressurePercent)
        writer.member("online_cores", cpu.onlineCores)
        writer.member(
            "core_usage_percent",
            array: { writer in
                for value in cpu.coreBusyPercent {
                    if let value { writer.double(value) } else { writer.null() }
                }
            })
        if let coreTimes = cpu.coreTimes {
            writer.member("core_times", object: coreTimes.writeMembers)
        } else {
            writer.member("core_times", raw: [UInt8]?.none)
        }
    }

    private func writeMemory(_ memory: MemorySample, to writer: inout JSONWriter) {
        writer.member("usage_percent", memory.usedPercent)
        writer.member("used_mb", Self.megabytes(memory.used))
        writer.member("available_mb", Self.megabytes(memory.available))
        writer.member("total_mb", Self.megabytes(memory.total))
        writer.member("swap_used_mb", Self.megabytes(memory.swapUsed))
        writer.member("swap_percent", memory.swapUsedPercent)
        writer.member("pressure_percent", memory.pressurePercent)
    }

    private func writeDisk(_ sample: HostSample, read: Double?, written: Double?, to writer: inout JSONWriter) {
        let root = sample.rootFileSystem
        writer.member("usage_percent", root?.usedPercent)
        writer.member("free_mb", Self.megabytes(root?.available))
        writer.member("total_mb", Self.megabytes(root?.total))
        writer.member("read_mb_s", read.map { $0 / Self.mebibyte })
        writer.member("write_mb_s", written.map { $0 / Self.mebibyte })
    }

    private func writeNetwork(_ network: NetworkSample, to writer: inout JSONWriter) {
        writer.member("bytes_sent", network.sentBytes)
        writer.member("bytes_recv", network.receivedBytes)
        writer.member("sent_mb_s", network.sentBytesPerSecond.map { $0 / Self.mebibyte })
        writer.member("recv_mb_s", network.receivedBytesPerSecond.map { $0 / Self.mebibyte })
    }

    private func writeProcesses(to writer: inout JSONWriter) {
        switch processes {
        case .listed(let processes):
            writer.member("processes", array: { writer in for one in processes { one.write(to: &writer) } })
        case .unknown(let reason):
            writer.member("processes", raw: [UInt8]?.none)
            writer.member("processes_reason", reason)
        }
    }

    private func writeGPU(_ sample: HostSample, to writer: inout JSONWriter) {
        guard options.includesGPU, let gpu = sample.gpus.first else {
            writer.member("gpu", raw: [UInt8]?.none)
            writer.member("gpu_reason", options.includesGPU ? sample.gpuReason : "not asked for")
            return
        }
        writer.member(
            "gpu",
            object: { writer in
                writer.member("name", gpu.name)
                writer.member("count", sample.gpus.count)
                writer.member("usage_percent", gpu.busyPercent)
                writer.member("memory_used_mb", Self.megabytes(gpu.memoryUsed))
                writer.member("memory_total_mb", Self.megabytes(gpu.memoryTotal))
                writer.member("memory_percent", gpu.memoryUsedPercent)
                writer.member("temperature_celsius", gpu.temperatureCelsius)
                writer.member("power_watts", gpu.powerWatts)
            })
    }

    private static func megabytes(_ bytes: Int?) -> Double? { bytes.map { Double($0) / mebibyte } }
}

extension HostSample {
    /// The file system mounted at `/`, or the first.
    var rootFileSystem: FileSystemSample? { fileSystems.first { $0.mountPoint == "/" } ?? fileSystems.first }
}
