import Contracts
import Runtime

/// `flotilla audit`: who did what.
enum AuditCommand {
    private static let who = Option(
        name: "who", valueName: "WHO", summary: "Only what this one did: a username, or a principal's id.")
    private static let event = Option(
        name: "event", valueName: "EVENT", summary: "Only this, such as signed_in or refused.")
    private static let since = Option(
        name: "since", valueName: "TIME", summary: "Only since then, such as 2026-01-31T12:00:00Z.")
    private static let limit = Option(
        name: "limit", valueName: "N", summary: "At most so many, the newest first.", defaultText: "50")

    static let command = Command(
        name: "audit", summary: "show who did what, and who was refused",
        discussion: ["Kept for 90 days. Needs an administrator's token."],
        options: [who, event, since, limit] + ClientOptions.overHTTP, variables: ClientOptions.variables,
        exits: ClientOptions.exitsOverHTTP,
        examples: [
            .init("flotilla audit --event refused", "Who was turned away."),
            .init("flotilla audit --who alice --json", "Everything that alice did, for a script."),
        ],
        run: { invocation in
            let limit = try invocation.arguments.integer(of: limit, in: 1...1000) ?? 50
            var query = "?limit=\(limit)"
            for option in [who, event, since] {
                if let value = invocation.arguments.value(of: option) {
                    query += "&\(option.name)=\(ServiceURL.percentEncoded(value))"
                }
            }
            let client = try ServiceClient(ClientSettings(invocation), time: invocation.time)
            let records = try await client.get("/api/v1/audit\(query)").root.requiredArray("records").elements
            try show(Array(records), invocation)
            return .success
        })

    private static func show(_ records: [JSONValue], _ invocation: Invocation) throws {
        guard !invocation.arguments.has(ClientOptions.json) else {
            for record in records { try invocation.console.line(record.minified) }
            return
        }
        guard !records.isEmpty else { return invocation.console.note("there is nothing in the audit") }
        var table = TextTable(columns: [
            .init(title: "AT"), .init(title: "WHO"), .init(title: "EVENT"), .init(title: "ON"),
            .init(title: "RESULT", isRightAligned: true), .init(title: "PEER"),
        ])
        for record in records {
            table.rows.append([
                TextTable.Cell(text(record, "at")),
                TextTable.Cell(record["name"]?.string.map { $0.shown(atMost: 40) } ?? text(record, "who")),
                TextTable.Cell(text(record, "event")), TextTable.Cell(text(record, "target")),
                TextTable.Cell("\(record["result"]?.int ?? 0)"), TextTable.Cell(text(record, "peer")),
            ])
        }
        for line in table.lines(invocation.console.style) { try invocation.console.line(line) }
    }

    private static func text(_ record: JSONValue, _ name: String) -> String {
        (record[name]?.string ?? "").shown(atMost: 60)
    }
}
