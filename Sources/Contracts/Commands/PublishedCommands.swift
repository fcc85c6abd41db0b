package import Runtime

/// The commands of one job that were published together: one line of a record on `device_command_status`.
///
/// `{"published_at","topic","queue","message_id","commands":[[request id, device id, type, protocol, fingerprint|null,
/// accepted µs, expiry µs|null, partition, offset]…]}`: a quarter of the bytes of a `CommandStatus` line for each, which
/// is what the other states have.
package struct PublishedCommands: Sendable, Hashable {
    package var publishedAt: Timestamp
    package var topic: String
    package var queue: String
    package var messageID: String

    package init(publishedAt: Timestamp, topic: String, queue: String, messageID: String) {
        self.publishedAt = publishedAt
        self.topic = topic
        self.queue = queue
        self.messageID = messageID
    }

    /// One command, and where its record is.
    package struct Command: Sendable, Hashable {
        package var requestID: String
        package var deviceID: String
        package var commandType: String
        package var deviceProtocol: String
        package var fingerprint: String?
        package var acceptedAt: Timestamp
        package var expiresAt: Timestamp?
        package var partition: Int
        package var offset: Int64
    }

    /// Begins a line; `write(_:…)` for each command and `end` follow.
    package func begin(_ writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("published_at", publishedAt)
        writer.member("topic", topic)
        writer.member("queue", queue)
        writer.member("message_id", messageID)
        writer.name("commands")
        writer.beginArray()
    }

    package static func write(_ envelope: CommandEnvelope, partition: Int, offset: Int64, to writer: inout JSONWriter) {
        writer.beginArray()
        writer.string(envelope.requestID)
        writer.string(envelope.deviceID)
        writer.string(envelope.commandType)
        writer.string(envelope.deviceProtocol)
        if let fingerprint = envelope.fingerprint { writer.string(fingerprint) } else { writer.null() }
        writer.int(envelope.acceptedAt.microseconds)
        if let expiresAt = envelope.expiresAt { writer.int(expiresAt.microseconds) } else { writer.null() }
        writer.int(partition)
        writer.int(offset)
        writer.endArray()
    }

    package static func end(_ writer: inout JSONWriter) {
        writer.endArray()
        writer.endObject()
    }

    /// Reads a line; nil when it is of another kind.
    package static func read(
        _ root: JSONValue, _ each: (PublishedCommands, Command) throws -> Void
    ) throws -> Bool {
        guard let commands = root["commands"] else { return false }
        let job = PublishedCommands(
            publishedAt: try root.requiredTimestamp("published_at"), topic: try root.requiredString("topic"),
            queue: try root.requiredString("queue"), messageID: try root.requiredString("message_id"))
        for command in commands.elements { try each(job, try Command(command)) }
        return true
    }

    /// The status that a line says of one of its commands.
    package func status(of command: Command) -> CommandStatus {
        CommandStatus(
            requestID: command.requestID, deviceID: command.deviceID, commandType: command.commandType,
            deviceProtocol: command.deviceProtocol, fingerprint: command.fingerprint, expiresAt: command.expiresAt,
            history: [
                CommandTransition(
                    .accepted, at: command.acceptedAt, evidence: .job(queue: queue, messageID: messageID)),
                CommandTransition(
                    .published, at: publishedAt,
                    evidence: .record(topic: topic, partition: command.partition, offset: command.offset)),
            ])
    }
}

extension PublishedCommands.Command {
    fileprivate init(_ value: JSONValue) throws(MessageError) {
        var fields = value.elements
        guard let requestID = fields.next()?.string, let deviceID = fields.next()?.string,
            let commandType = fields.next()?.string, let deviceProtocol = fields.next()?.string,
            let fingerprint = fields.next(), let acceptedAt = fields.next()?.int, let expiresAt = fields.next(),
            let partition = fields.next()?.int, let offset = fields.next()?.int
        else { throw MessageError("commands must hold nine fields each") }
        self.init(
            requestID: requestID, deviceID: deviceID, commandType: commandType, deviceProtocol: deviceProtocol,
            fingerprint: fingerprint.string, acceptedAt: Timestamp(microseconds: Int64(acceptedAt)),
            expiresAt: expiresAt.int.map { Timestamp(microseconds: Int64($0)) }, partition: partition,
            offset: Int64(offset))
    }
}
