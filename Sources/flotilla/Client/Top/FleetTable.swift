import Contracts
import Runtime

/// The hosts of an answer to `/api/v1/hosts`, as a table.
struct FleetTable: Sendable {
    /// How many hosts of the whole fleet stand so.
    struct Counts: Sendable, Hashable {
        var up = 0
        var stale = 0
        var down = 0

        var total: Int { up + stale + down }
    }

    /// One host: the line of the answer, and what the table shows of it. Unknown is nil.
    struct Host: Sendable {
        let json: [UInt8]
        let name: String
        let state: HostChange.State
        let heardAt: Timestamp
        let uptime: Double?
        let cpuPercent: Double?
        let memoryPercent: Double?
        let memoryUsed: Double?
        let load: Double?
        let diskPercent: Double?
        let diskRead: Double?
        let diskWritten: Double?
        let received: Double?
        let sent: Double?
        let gpuPercent: Double?
        let alerts: Int

        init(_ value: JSONValue) throws(MessageError) {
            json = value.minified
            name = try value.requiredString("host")
            state = try value.required("state", "a state of a host") { $0.string.flatMap(HostChange.State.init) }
            heardAt = try value.requiredTimestamp("heard_at")
            uptime = value["uptime_seconds"]?.double
            cpuPercent = value["cpu_percent"]?.double
            memoryPercent = value["memory_percent"]?.double
            memoryUsed = value["memory_used_mb"]?.double
            load = value["load1"]?.double
            diskPercent = value["disk_percent"]?.double
            diskRead = value["disk_read_mb_s"]?.double
            diskWritten = value["disk_write_mb_s"]?.double
            received = value["network_recv_mb_s"]?.double
            sent = value["network_sent_mb_s"]?.double
            gpuPercent = value["gpu_percent"]?.double
            alerts = value["firing_alerts"]?.int ?? 0
        }
    }

    let hosts: [Host]
    /// Hosts that match, of which `hosts` may be the first ones.
    let total: Int
    let counts: Counts

    /// - Throws: `MessageError` for an answer of another kind.
    init(_ answer: JSONValue) throws(MessageError) {
        var hosts: [Host] = []
        for element in try answer.requiredArray("hosts").elements { hosts.append(try Host(element)) }
        self.hosts = hosts
        total = try answer.requiredInt("total")
        let counts = try answer.requiredObject("counts")
        self.counts = Counts(
            up: try counts.requiredInt("up"), stale: try counts.requiredInt("stale"),
            down: try counts.requiredInt("down"))
    }

    /// The counts, then the hosts in their order; at most so many of them, and how many are left out.
    func lines(now: Timestamp, style: TextStyle, atMost limit: Int = .max) -> [String] {
        var table = TextTable(columns: [
            .init(title: "HOST"), .init(title: "STATE"), .init(title: "CPU", isRightAligned: true),
            .init(title: "MEM", isRightAligned: true), .init(title: "USED", isRightAligned: true),
            .init(title: "LOAD", isRightAligned: true), .init(title: "DISK", isRightAligned: true),
            .init(title: "READ/S", isRightAligned: true), .init(title: "WRITE/S", isRightAligned: true),
            .init(title: "RECV/S", isRightAligned: true), .init(title: "SENT/S", isRightAligned: true),
            .init(title: "GPU", isRightAligned: true), .init(title: "ALERTS", isRightAligned: true),
            .init(title: "UP", isRightAligned: true), .init(title: "HEARD", isRightAligned: true),
        ])
        let shown = hosts.prefix(limit)
        table.rows = shown.map { Self.row($0, now: now) }
        let left = total - shown.count
        return [summary(style)] + table.lines(style) + (left > 0 ? [style.dim("… and \(left) more")] : [])
    }

    private func summary(_ style: TextStyle) -> String {
        let alerts = hosts.reduce(0) { $0 + $1.alerts }
        let parts = [
            "\(counts.total) \(counts.total == 1 ? "host" : "hosts")", "\(counts.up) up",
            counts.stale > 0 ? style.yellow("\(counts.stale) stale") : nil,
            counts.down > 0 ? style.red("\(counts.down) down") : nil,
            alerts > 0 ? style.yellow("\(alerts) \(alerts == 1 ? "alert" : "alerts")") : nil,
        ]
        return parts.compactMap(\.self).joined(separator: " · ")
    }

    private static func row(_ host: Host, now: Timestamp) -> [TextTable.Cell] {
        [
            TextTable.Cell(host.name.shown(atMost: 40)), state(host.state),
            // The thresholds of the fleet's alerts: enter at 90, leave at 85.
            percent(host.cpuPercent, warning: 85, bad: 90), percent(host.memoryPercent, warning: 85, bad: 90),
            bytes(host.memoryUsed), TextTable.Cell(host.load.map { HumanUnits.decimals($0, 2) } ?? "–"),
            percent(host.diskPercent, warning: 85, bad: 95), bytes(host.diskRead), bytes(host.diskWritten),
            bytes(host.received), bytes(host.sent), percent(host.gpuPercent, warning: 101, bad: 101),
            TextTable.Cell(host.alerts == 0 ? "–" : "\(host.alerts)", host.alerts == 0 ? .faint : .warning),
            TextTable.Cell(host.uptime.map { HumanUnits.duration(seconds: $0) } ?? "–"),
            // Never negative, whatever the clocks do.
            age(max(0, now.duration(since: host.heardAt).seconds)),
        ]
    }

    private static func state(_ state: HostChange.State) -> TextTable.Cell {
        let tone: TextTable.Cell.Tone =
            switch state {
            case .up: .good
            case .stale: .warning
            case .down: .bad
            }
        return TextTable.Cell(state.rawValue, tone)
    }

    private static func percent(_ value: Double?, warning: Double, bad: Double) -> TextTable.Cell {
        guard let value else { return TextTable.Cell("–", .faint) }
        let tone: TextTable.Cell.Tone = value >= bad ? .bad : value >= warning ? .warning : .plain
        return TextTable.Cell(HumanUnits.decimals(value, 1) + "%", tone)
    }

    private static func bytes(_ mebibytes: Double?) -> TextTable.Cell {
        mebibytes.map { TextTable.Cell(HumanUnits.bytes($0 * 1_048_576)) } ?? TextTable.Cell("–", .faint)
    }

    private static func age(_ seconds: Double) -> TextTable.Cell {
        TextTable.Cell(seconds < 1 ? "now" : HumanUnits.duration(seconds: seconds) + " ago", .faint)
    }
}
