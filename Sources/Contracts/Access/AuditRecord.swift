package import Runtime

/// What somebody did or was refused: the body of an event on `fleet_audit`.
///
/// Its routing key is `audit.<event>`.
package struct AuditRecord: Sendable, Hashable {
    /// A UUID.
    package var id: String
    package var at: Timestamp
    /// What was done, such as `signed_in`, `refused`, `optimization_requested`.
    package var event: String
    /// The id of the principal; `unknown` for somebody without valid credentials.
    package var who: String
    /// The principal's name, if it has one.
    package var name: String?
    /// What it was done to: a user, a session, a route.
    package var target: String?
    /// The HTTP status of the answer.
    package var result: Int
    package var requestID: String
    /// The address of the client.
    package var peer: String

    package init(
        id: String, at: Timestamp, event: String, who: String, name: String?, target: String?, result: Int,
        requestID: String, peer: String
    ) {
        self.id = id
        self.at = at
        self.event = event
        self.who = who
        self.name = name
        self.target = target
        self.result = result
        self.requestID = requestID
        self.peer = peer
    }

    /// - Throws: `JSONError` or `MessageError`.
    package init(json: [UInt8]) throws {
        let root = try JSONDocument(parsing: json).root
        id = try root.requiredString("id")
        at = try root.requiredTimestamp("at")
        event = try root.requiredString("event")
        who = try root.requiredString("who")
        name = root["name"]?.string
        target = root["target"]?.string
        result = try root.requiredInt("result")
        requestID = try root.requiredString("request_id")
        peer = try root.requiredString("peer")
    }

    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 320)
        write(to: &writer)
        return writer.bytes
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("at", at)
            writer.member("event", event)
            writer.member("who", who)
            writer.member("name", name)
            writer.member("target", target)
            writer.member("result", result)
            writer.member("request_id", requestID)
            writer.member("peer", peer)
        }
    }
}

extension AuditRecord {
    package static let schema = Schema.object(
        [
            .init("id", .uuid()),
            .init("at", .time()),
            .init("event", .text("signed_in", "What was done.")),
            .init("who", .text("1", "The id of the principal; `unknown` without valid credentials.")),
            .init("name", .text("alice").nullable),
            .init("target", .text("/api/v1/hardware/optimize", "What it was done to.").nullable),
            .init("result", .integer(200, "The HTTP status of the answer.")),
            .init("request_id", .text("01936b4e-7c1d-7b5a-9d3e-2f8a4c6e1b07")),
            .init("peer", .text("192.0.2.7", "The address of the client.")),
        ], "What somebody did or was refused."
    ).named("AuditRecord")
}
