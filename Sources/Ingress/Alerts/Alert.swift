internal import Contracts
internal import Runtime
internal import SQLiteKit

/// One episode of an alert as the view knows it: the hardware API's `AlertInfo`, and more.
struct Alert: Sendable {
    let id: String
    let host: String
    let rule: String
    let metric: String
    let subject: String?
    let severity: String
    let title: String
    let message: String
    let state: String
    let value: Double?
    let threshold: Double
    let raisedAt: Timestamp
    let updatedAt: Timestamp
    let acknowledgedBy: String?
    let acknowledgedAt: Timestamp?
    let note: String?

    static let columns = """
        id, host, metric, subject, severity, title, message, state, value, threshold, raised_at, updated_at,
        acknowledged_by, acknowledged_at, note, rule
        """

    init(row: Row) {
        id = row.text(0)
        host = row.text(1)
        metric = row.text(2)
        subject = row.textOrNil(3)
        severity = row.text(4)
        title = row.text(5)
        message = row.text(6)
        state = row.text(7)
        value = row.isNull(8) ? nil : row.double(8)
        threshold = row.double(9)
        raisedAt = Timestamp(microseconds: row.int(10))
        updatedAt = Timestamp(microseconds: row.int(11))
        acknowledgedBy = row.textOrNil(12)
        acknowledgedAt = row.isNull(13) ? nil : Timestamp(microseconds: row.int(13))
        note = row.textOrNil(14)
        rule = row.text(15)
    }
}

extension Alert {
    static let schema = Schema.object([
        .init("id", .text("01936b4e-7c1d-4b5a-9d3e-2f8a4c6e1b07", "Of one episode.")),
        .init("severity", .words(AlertChange.Severity.allCases.map(\.rawValue))),
        .init("title", .text("A file system is nearly full")),
        .init("message", .text("disk_percent of /var is 96.2, at or above 95.0")),
        .init("timestamp", .time("When it was raised.")),
        .init("acknowledged", .flag(false)),
        .init("acknowledged_by", .text("alice").nullable),
        .init("acknowledged_at", .time().nullable),
        .init("metric_name", .text("disk_percent").nullable),
        .init("threshold_value", .number(95).nullable),
        .init("current_value", .number(96.2, "The last known.").nullable),
        .init("host", .text("gpu-7")),
        .init("rule", .text("disk_full", "What raised it.")),
        .init("subject", .text("/var", "What on the host; null for the host itself.").nullable),
        .init(
            "state",
            .words(
                AlertChange.State.allCases.map(\.rawValue),
                "`no_data`: it fired, and the value has not been known since, such as of a host that is down.")),
        .init("updated_at", .time()),
        .init("note", .text("The logs are being moved.").nullable),
    ]).named("Alert")

    /// - Parameter hostIsDown: Nobody knows whether what its worker raised still holds.
    func writeMembers(to writer: inout JSONWriter, hostIsDown: Bool) {
        let isUnknown = hostIsDown && state == AlertChange.State.firing.rawValue && rule != HostWatch.rule
        writer.member("id", id)
        writer.member("severity", severity)
        writer.member("title", title)
        writer.member("message", message)
        writer.member("timestamp", raisedAt)
        writer.member("acknowledged", acknowledgedBy != nil)
        writer.member("acknowledged_by", acknowledgedBy)
        writer.member("acknowledged_at", acknowledgedAt)
        writer.member("metric_name", metric)
        writer.member("threshold_value", threshold)
        writer.member("current_value", value)
        writer.member("host", host)
        writer.member("rule", rule)
        writer.member("subject", subject)
        writer.member("state", isUnknown ? AlertChange.State.noData.rawValue : state)
        writer.member("updated_at", updatedAt)
        writer.member("note", note)
    }
}
