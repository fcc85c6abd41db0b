package import Runtime

/// An order to the workers: the body of an event on `fleet_control`.
package enum ControlMessage: Sendable, Hashable {
    /// Stop a session; its routing key is `StreamNames.cancelSession(id)`.
    case cancel(Cancellation)

    /// Who wants which session stopped.
    package struct Cancellation: Sendable, Hashable {
        package var sessionID: String
        package var requestedBy: String
        package var requestedAt: Timestamp
        /// Stop between two steps at once, without undoing what is done.
        package var isForced: Bool

        package init(sessionID: String, requestedBy: String, requestedAt: Timestamp, isForced: Bool = false) {
            self.sessionID = sessionID
            self.requestedBy = requestedBy
            self.requestedAt = requestedAt
            self.isForced = isForced
        }
    }

    package init(json: [UInt8]) throws {
        try self.init(JSONDocument(parsing: json).root)
    }

    package init(_ value: JSONValue) throws(MessageError) {
        guard try value.requiredString("action") == "cancel" else { throw MessageError("action is unknown") }
        self = .cancel(
            Cancellation(
                sessionID: try value.requiredString("session_id"),
                requestedBy: try value.requiredString("requested_by"),
                requestedAt: try value.requiredTimestamp("requested_at"), isForced: try value.requiredBool("force")))
    }

    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 192)
        writer.object { writer in
            switch self {
            case .cancel(let order):
                writer.member("action", "cancel")
                writer.member("session_id", order.sessionID)
                writer.member("requested_by", order.requestedBy)
                writer.member("requested_at", order.requestedAt)
                writer.member("force", order.isForced)
            }
        }
        return writer.bytes
    }
}

extension ControlMessage {
    static let schema = Schema.object(
        [
            .init("action", .words(["cancel"])),
            .init("session_id", .uuid()),
            .init("requested_by", .text("1", "The id of the principal.")),
            .init("requested_at", .time()),
            .init("force", .flag(false, "Stop between two steps at once, without undoing what is done.")),
        ], "An order to the workers."
    ).named("ControlMessage")
}
