internal import Contracts
internal import HTTPKit

/// The operation of `/api/v1/audit`.
enum AuditOperations {
    static let who = QueryParameter.text("who", "The id or the name of a principal.", example: "alice")
    static let event = QueryParameter.text("event", "What was done.", example: "signed_in")
    static let target = QueryParameter.text(
        "target", "What it was done to.", example: "/api/v1/hardware/optimize")
    static let since = QueryParameter.time("since", "Not before.")
    static let until = QueryParameter.time("until", "Not after.")
    static let skip = QueryParameter.int("skip", "Records to leave out.", default: 0, in: 0...1_000_000)
    static let limit = QueryParameter.int("limit", "Records of an answer.", default: 100, in: 1...1000)

    static let list = Operation(
        .GET, "/api/v1/audit", .audit, "Who did what, the newest first", access: .permission("fleet:admin"),
        parameters: [
            who.description, event.description, target.description, since.description, until.description,
            skip.description, limit.description,
        ],
        answers: [
            .json(
                "The records that match.",
                .object([
                    .init("records", .array(AuditRecord.schema)), .init("skip", .integer(0)),
                    .init("limit", .integer(100)), .init("has_more", .flag(false)),
                ]))
        ])
}
