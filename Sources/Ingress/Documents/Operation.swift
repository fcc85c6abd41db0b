package import Contracts
package import HTTPKit

/// One request that the API answers: it is registered by its description, and described by its registration.
package struct Operation: Sendable {
    package let method: HTTPMethod
    /// The router's pattern.
    package let path: String
    package let subject: Subject
    /// What it does, in a line.
    package let summary: String
    /// What a caller should know beyond that.
    package let explanation: String?
    package let access: AccessRule
    package let parameters: [ParameterDescription]
    package let body: BodyDescription?
    /// What it answers when it succeeds.
    package let answers: [AnswerDescription]
    /// What else it may answer, beyond what every request may be answered: a sentence by status.
    package let errors: [Int: String]

    package init(
        _ method: HTTPMethod, _ path: String, _ subject: Subject, _ summary: String, explanation: String? = nil,
        access: AccessRule, parameters: [ParameterDescription] = [], body: BodyDescription? = nil,
        answers: [AnswerDescription], errors: [Int: String] = [:]
    ) {
        self.method = method
        self.path = path
        self.subject = subject
        self.summary = summary
        self.explanation = explanation
        self.access = access
        self.parameters = parameters
        self.body = body
        self.answers = answers
        self.errors = errors
    }

    /// The permission that it needs; nil where any principal, or anybody, may.
    package var permission: String? {
        if case .permission(let name) = access { name } else { nil }
    }

    /// The headings of the document.
    package enum Subject: String, Sendable, CaseIterable {
        case commands = "Device commands"
        case system = "System"
        case hardware = "Hardware"
        case optimization = "Optimization"
        case accounts = "Accounts"
        case audit = "Audit"
        case service = "Service"

        var text: String {
            switch self {
            case .commands: "Sends commands to devices and says what became of them."
            case .system: "How busy a host is, now and before."
            case .hardware: "The host's hardware in more detail, once or as a stream."
            case .optimization: "Asks a host for optimizations and says how they went."
            case .accounts: "Signing in and out, and the users."
            case .audit: "Who did what."
            case .service: "Whether the service works, and what it offers."
            }
        }
    }
}

/// Whom an operation answers.
package enum AccessRule: Sendable {
    /// Everybody.
    case open
    /// Everybody, and those with a token or key are told more.
    case openWithDetails
    /// Loopback peers, and others with this permission.
    case loopbackOr(String)
    /// Whoever has a token or key.
    case authenticated
    /// Whoever has a token or key with this permission.
    case permission(String)

    /// What the document says of it.
    var text: String {
        switch self {
        case .open: "Open to everybody."
        case .openWithDetails: "Open to everybody; tells more to those who say who they are."
        case .loopbackOr(let permission): "Open to loopback peers; others need the permission `\(permission)`."
        case .authenticated: "Needs a token or an API key."
        case .permission(let permission): "Needs the permission `\(permission)`."
        }
    }

    /// Whether credentials are read, and whether a request without them is refused.
    var credentials: (areRead: Bool, areRequired: Bool) {
        switch self {
        case .open: (false, false)
        case .openWithDetails, .loopbackOr: (true, false)
        case .authenticated, .permission: (true, true)
        }
    }
}

/// A parameter of a path, a query or the headers, as the document has it.
package struct ParameterDescription: Sendable {
    package enum Place: String, Sendable { case path, query, header }

    package let name: String
    package let place: Place
    package let schema: Schema
    package let isRequired: Bool

    package init(_ name: String, in place: Place, _ schema: Schema, isRequired: Bool = false) {
        self.name = name
        self.place = place
        self.schema = schema
        self.isRequired = isRequired || place == .path
    }
}

/// What a request may carry.
package struct BodyDescription: Sendable {
    package let schema: Schema
    package let limit: Int

    /// - Parameter limit: bytes; the route takes no more.
    package init(_ schema: Schema, limit: Int = 1 << 20) {
        self.schema = schema
        self.limit = limit
    }
}

/// What an operation answers when it succeeds.
package struct AnswerDescription: Sendable {
    package let status: Int
    package let text: String
    /// By content type.
    package let contents: [(type: String, schema: Schema)]
    /// The headers that only this answer has.
    package let headers: [(name: String, schema: Schema)]

    package init(
        status: Int = 200, _ text: String, contents: [(type: String, schema: Schema)],
        headers: [(name: String, schema: Schema)] = []
    ) {
        self.status = status
        self.text = text
        self.contents = contents
        self.headers = headers
    }

    /// JSON.
    package static func json(
        status: Int = 200, _ text: String, _ schema: Schema, headers: [(name: String, schema: Schema)] = []
    ) -> AnswerDescription {
        AnswerDescription(status: status, text, contents: [("application/json", schema)], headers: headers)
    }
}
