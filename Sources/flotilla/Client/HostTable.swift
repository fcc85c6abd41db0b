import Contracts
import Runtime

/// The newest sample of every host, as a table.
struct HostTable: Sendable {
    private var hosts: [String: HostSample] = [:]

    var isEmpty: Bool { hosts.isEmpty }

    /// Takes a sample in, unless a newer one of its host is there.
    mutating func update(_ sample: HostSample) {
        if let known = hosts[sample.host], known.timestamp > sample.timestamp { return }
        hosts[sample.host] = sample
    }

    /// Every host, by name.
    func table(now: Timestamp) -> TextTable {
        var table = TextTable(columns: [
            .init(title: "HOST"), .init(title: "CPU", isRightAligned: true),
            .init(title: "MEM", isRightAligned: true), .init(title: "USED", isRightAligned: true),
            .init(title: "LOAD", isRightAligned: true), .init(title: "DISK", isRightAligned: true),
            .init(title: "READ/S", isRightAligned: true), .init(title: "WRITE/S", isRightAligned: true),
            .init(title: "RECV/S", isRightAligned: true), .init(title: "SENT/S", isRightAligned: true),
            .init(title: "GPU", isRightAligned: true), .init(title: "UP", isRightAligned: true),
            .init(title: "AGE", isRightAligned: true),
        ])
        table.rows = hosts.values.sorted { $0.host < $1.host }.map { Self.row($0, now: now) }
        return table
    }

    private static func row(_ sample: HostSample, now: Timestamp) -> [TextTable.Cell] {
        let fullest = sample.fileSystems.compactMap(\.usedPercent).max()
        let busiestGPU = sample.gpus.compactMap(\.busyPercent).max()
        return [
            TextTable.Cell(sample.host.shown(atMost: 40)),
            // The thresholds of the fleet's alerts: enter at 90, leave at 85.
            percent(sample.cpu.busyPercent, warning: 85, bad: 90),
            percent(sample.memory.usedPercent, warning: 85, bad: 90),
            TextTable.Cell(sample.memory.used.map { HumanUnits.bytes(Double($0)) } ?? "–"),
            TextTable.Cell(sample.cpu.load1.map { HumanUnits.decimals($0, 2) } ?? "–"),
            percent(fullest, warning: 85, bad: 95),
            rate(sum(sample.disks.map(\.readBytesPerSecond))), rate(sum(sample.disks.map(\.writtenBytesPerSecond))),
            rate(sample.network.receivedBytesPerSecond), rate(sample.network.sentBytesPerSecond),
            percent(busiestGPU, warning: 101, bad: 101),
            TextTable.Cell(sample.uptime.map { HumanUnits.duration(seconds: $0) } ?? "–"),
            age(of: sample, now: now),
        ]
    }

    private static func percent(_ value: Double?, warning: Double, bad: Double) -> TextTable.Cell {
        guard let value else { return TextTable.Cell("–", .faint) }
        let tone: TextTable.Cell.Tone = value >= bad ? .bad : value >= warning ? .warning : .plain
        return TextTable.Cell(HumanUnits.decimals(value, 1) + "%", tone)
    }

    private static func rate(_ bytes: Double?) -> TextTable.Cell {
        bytes.map { TextTable.Cell(HumanUnits.bytes($0)) } ?? TextTable.Cell("–", .faint)
    }

    /// The sum of what is known; nil when nothing is.
    private static func sum(_ values: [Double?]) -> Double? {
        let known = values.compactMap(\.self)
        return known.isEmpty ? nil : known.reduce(0, +)
    }

    /// How old the sample is; never negative, whatever the clocks do. Stale after three intervals, as in the API.
    private static func age(of sample: HostSample, now: Timestamp) -> TextTable.Cell {
        let seconds = max(0, now.duration(since: sample.timestamp).seconds)
        let isStale = seconds > 3 * max(sample.interval, 1)
        let text = seconds < 1 ? "now" : HumanUnits.duration(seconds: seconds)
        return TextTable.Cell(isStale ? "\(text) stale" : text, isStale ? .warning : .faint)
    }
}
