internal import Contracts
internal import HTTPKit

/// The operations of `/api/v1/hardware/alerts`.
enum AlertOperations {
    static let severity = QueryParameter.word(
        "severity", "Only those.", of: AlertChange.Severity.allCases.map(\.rawValue))
    static let limit = QueryParameter.int("limit", "Alerts of an answer.", default: 100, in: 1...1000)
    static let since = QueryParameter.int(
        "since_hours", "What is over is told for so many hours.", default: 24, in: 1...168)
    static let acknowledged = QueryParameter.optionalFlag("acknowledged", "Only those that are, or are not.")
    static let host = QueryParameter.text("host", "Only those of a host; without it those of all.", example: "gpu-7")
    static let note = QueryParameter.text("note", "What to remember of it.", example: "The logs are being moved.")

    static let list = Operation(
        .GET, "/api/v1/hardware/alerts", .hardware, "What is wrong on the hosts, or was, the newest first",
        access: .permission("hardware:monitor"),
        parameters: [
            severity.description, limit.description, since.description, acknowledged.description, host.description,
        ],
        answers: [.json("The alerts that match.", .array(Alert.schema))])

    static let acknowledge = Operation(
        .POST, "/api/v1/hardware/alerts/{alert_id}/acknowledge", .hardware, "Says that somebody has seen an alert",
        explanation: "The first who says so stays the one. The next episode is another alert.",
        access: .permission("hardware:monitor"), parameters: [note.description],
        answers: [
            .json(
                "The alert.",
                Alert.schema.adding([.init("acknowledgment_confirmed", .flag(true))]).named("AcknowledgedAlert"))
        ], errors: [404: "There is no such alert, or it is older than 7 days."])
}
