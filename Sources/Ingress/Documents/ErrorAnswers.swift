internal import Contracts

/// The answers that are not 2xx: their one body, and which of them an operation may give.
enum ErrorAnswers {
    /// The component's name in the document.
    static let schemaName = "Error"

    static let schema = Schema.object(
        [
            .init("error", .text("not_found", "A stable word for programs.")),
            .init("message", .text("There is nothing at this path.", "A sentence for people.")),
            .init(
                "detail",
                .alternatives([
                    .text("There is nothing at this path.", "The message again."),
                    .array(
                        .object([
                            .init("type", .text("missing", "The fault, by pydantic's name.")),
                            .init("loc", .array(.alternatives([.text("body"), .integer(0)]), "Where it is.")),
                            .init("msg", .text("Field required")),
                            .init("input", .anything("What was sent.")),
                        ]), "What is wrong with the request, one by one: with the status 422."),
                ])),
            .init("details", .map().nullable),
            .init("timestamp", .time()),
            .init("request_id", .text("01936b4e-7c1d-7b5a-9d3e-2f8a4c6e1b07", "The header `X-Request-ID`.")),
        ], "The body of every answer that is not 2xx."
    ).named(schemaName)

    /// What every request may be answered.
    static let common: [Int: String] = [
        400: "The request is not HTTP as it should be, or a value of it cannot be used.",
        408: "The request did not arrive in time.",
        413: "The body is too large.",
        414: "The request's target is too long.",
        429: "Too many requests, or too many at once; `Retry-After` says when to come again.",
        431: "The request's headers are too large.",
        500: "The server could not answer; the log has the reason under the request id.",
        503:
            "Nothing was done: the fleet is starting, stopping, busy, or without its bus. `Retry-After` says when to come "
            + "again.",
    ]

    static let unauthenticated = "There are no valid credentials."
    static let forbidden = "The credentials lack the permission, or it is somebody else's."
    static let inactive = "The user is not active, or is locked for a while."
    static let invalid = "The request is not valid; `detail` lists the faults."

    /// What the document's components call the answer with a status.
    static func component(of status: Int) -> String { "Error\(status)" }

    /// The headers of the answer with a status.
    static func headers(of status: Int) -> [(name: String, schema: Schema)] {
        switch status {
        case 401: [("WWW-Authenticate", .text("Bearer"))]
        case 429, 503: [("Retry-After", .text("1", "Seconds."))]
        default: []
        }
    }
}

extension Operation {
    /// A sentence by status: what it may answer when it does not succeed.
    var allErrors: [Int: String] {
        var all = ErrorAnswers.common
        switch access {
        case .open, .openWithDetails: break
        case .authenticated:
            all[401] = ErrorAnswers.unauthenticated
            all[403] = ErrorAnswers.inactive
        case .permission, .loopbackOr:
            all[401] = ErrorAnswers.unauthenticated
            all[403] = ErrorAnswers.forbidden
        }
        if body != nil || parameters.contains(where: { $0.place != .path }) { all[422] = ErrorAnswers.invalid }
        for answer in answers { all[answer.status] = nil }
        return all.merging(errors) { _, own in own }
    }
}
