package import Runtime

/// Somebody wants a command not to be published: the body of an event on `command_cancellations`.
///
/// Only the pusher decides whether it comes in time.
package struct CommandCancellation: Sendable, Hashable {
    package var requestID: String
    /// The name of who asked.
    package var requestedBy: String
    package var requestedAt: Timestamp

    package init(requestID: String, requestedBy: String, requestedAt: Timestamp) {
        self.requestID = requestID
        self.requestedBy = requestedBy
        self.requestedAt = requestedAt
    }

    /// - Throws: `JSONError` or `MessageError`.
    package init(json: [UInt8]) throws {
        let root = try JSONDocument(parsing: json).root
        requestID = try root.requiredString("request_id")
        requestedBy = try root.requiredString("requested_by")
        requestedAt = try root.requiredTimestamp("requested_at")
    }

    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 128)
        writer.object { writer in
            writer.member("request_id", requestID)
            writer.member("requested_by", requestedBy)
            writer.member("requested_at", requestedAt)
        }
        return writer.bytes
    }

    /// The routing key of all of them.
    package static let routingKey = "command.cancel"
    /// A pusher that starts reads all that are kept, so that it decides as the one before it did.
    package static let age: Duration = .seconds(8 * 86_400)
    /// Some 40,000 of them, which a pusher holds in memory.
    package static let bytes = 8 << 20
}

extension CommandCancellation {
    static let schema = Schema.object(
        [
            .init("request_id", .text("01936b4e7c1d7b5a9d3e2f8a4c6e1b07")),
            .init("requested_by", .text("alice")),
            .init("requested_at", .time()),
        ], "Somebody wants a command not to be published."
    ).named("CommandCancellation")
}
