internal import Contracts
internal import Runtime

/// One host in the list of the fleet: how it stands and the figures that operators sort by. Unknown is null.
struct HostSummary: Sendable {
    let host: HostState
    let state: HostChange.State
    /// Alerts that fire now.
    let alerts: Int

    /// What the list can be sorted by; figures with the greatest first, unknown ones last.
    enum Order: String, Sendable, CaseIterable {
        case name, cpu, memory, disk, gpu, load, alerts
    }

    var name: String { host.sample.host }

    /// The figure that an order looks at; nil for names.
    func figure(_ order: Order) -> Double? {
        let sample = host.sample
        return switch order {
        case .name: nil
        case .cpu: sample.cpu.busyPercent
        case .memory: sample.memory.usedPercent
        case .disk: fullest
        case .gpu: sample.gpus.compactMap(\.busyPercent).max()
        case .load: sample.cpu.load1
        case .alerts: Double(alerts)
        }
    }

    /// Of the fullest file system, percent.
    private var fullest: Double? { host.sample.fileSystems.compactMap(\.usedPercent).max() }

    static let schema = Schema.object([
        .init("host", .text("gpu-7")),
        .init("state", .words(HostChange.State.allCases.map(\.rawValue))),
        .init("heard_at", .time("When its last sample reached the log.")),
        .init("interval", .number(1, "Seconds between two of its samples.")),
        .init("uptime_seconds", .number(86_400.5).nullable),
        .init("cpu_percent", .percent(12.5).nullable),
        .init("cores", .integer(8).nullable),
        .init("load1", .number(0.5).nullable),
        .init("memory_percent", .percent(75).nullable),
        .init("memory_used_mb", .number(3072, "MiB.").nullable),
        .init("memory_total_mb", .number(4096, "MiB.").nullable),
        .init("disk_percent", .percent(40, "Of its fullest file system.").nullable),
        .init("disk_read_mb_s", .number(1, "MiB/s, of all disks.").nullable),
        .init("disk_write_mb_s", .number(2, "MiB/s, of all disks.").nullable),
        .init("network_recv_mb_s", .number(0.25, "MiB/s.").nullable),
        .init("network_sent_mb_s", .number(0.5, "MiB/s.").nullable),
        .init("gpus", .integer(2, in: 0...Int.max)),
        .init("gpu_percent", .percent(80, "Of its busiest GPU.").nullable),
        .init("firing_alerts", .integer(0, in: 0...Int.max)),
    ]).named("HostSummary")

    func write(to writer: inout JSONWriter) {
        let sample = host.sample
        writer.object { writer in
            writer.member("host", sample.host)
            writer.member("state", state.rawValue)
            writer.member("heard_at", host.heardAt)
            writer.member("interval", sample.interval)
            writer.member("uptime_seconds", sample.uptime)
            writer.member("cpu_percent", sample.cpu.busyPercent)
            writer.member("cores", sample.cpu.logicalCores)
            writer.member("load1", sample.cpu.load1)
            writer.member("memory_percent", sample.memory.usedPercent)
            writer.member("memory_used_mb", Self.mebibytes(sample.memory.used.map(Double.init)))
            writer.member("memory_total_mb", Self.mebibytes(sample.memory.total.map(Double.init)))
            writer.member("disk_percent", fullest)
            writer.member("disk_read_mb_s", Self.mebibytes(sample.disks.map(\.readBytesPerSecond).sumOfKnown))
            writer.member("disk_write_mb_s", Self.mebibytes(sample.disks.map(\.writtenBytesPerSecond).sumOfKnown))
            writer.member("network_recv_mb_s", Self.mebibytes(sample.network.receivedBytesPerSecond))
            writer.member("network_sent_mb_s", Self.mebibytes(sample.network.sentBytesPerSecond))
            writer.member("gpus", sample.gpus.count)
            writer.member("gpu_percent", figure(.gpu))
            writer.member("firing_alerts", alerts)
        }
    }

    private static func mebibytes(_ bytes: Double?) -> Double? { bytes.map { $0 / 1_048_576 } }
}

extension [HostSummary] {
    /// The greatest figures first, hosts alike in it by name.
    func sorted(by order: HostSummary.Order) -> [HostSummary] {
        map { ($0, $0.figure(order) ?? -1) }.sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0.name < $1.0.name }.map(\.0)
    }
}
