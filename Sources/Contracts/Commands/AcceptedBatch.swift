package import Runtime

/// The commands of one job whose ids the ingress made: the body of an event `command.accepted` with this form.
///
/// `{"batch":prefix,"first":index,"accepted_at","queue","message_id","commands":[[device,type,protocol,expiry µs]|null…]}`.
/// The ids of such commands are the prefix and four hexadecimal digits (`CommandID`), so that one row tells of all of
/// them. A null stands for a command whose id a client chose; it has a line of its own.
package struct AcceptedBatch: Sendable, Hashable {
    /// The first 32 characters of every id.
    package var prefix: String
    /// The place in the batch of the first command.
    package var first: Int
    package var acceptedAt: Timestamp
    package var queue: String
    package var messageID: String

    package init(prefix: String, first: Int, acceptedAt: Timestamp, queue: String, messageID: String) {
        self.prefix = prefix
        self.first = first
        self.acceptedAt = acceptedAt
        self.queue = queue
        self.messageID = messageID
    }

    /// Reads all but the commands.
    package init(_ value: JSONValue) throws(MessageError) {
        prefix = try value.requiredString("batch")
        first = try value.required("first", "an index") { $0.int.flatMap { $0 >= 0 ? $0 : nil } }
        acceptedAt = try value.requiredTimestamp("accepted_at")
        queue = try value.requiredString("queue")
        messageID = try value.requiredString("message_id")
    }

    /// Writes the batch; `commands` writes one command after the other with `writeCommand` or a null.
    package func write(to writer: inout JSONWriter, commands: (inout JSONWriter) -> Void) {
        writer.object { writer in
            writer.member("batch", prefix)
            writer.member("first", first)
            writer.member("accepted_at", acceptedAt)
            writer.member("queue", queue)
            writer.member("message_id", messageID)
            writer.member("commands", array: commands)
        }
    }

    /// Writes one command of the batch.
    package static func writeCommand(_ request: CommandRequest, expiresAt: Timestamp?, to writer: inout JSONWriter) {
        writer.beginArray()
        writer.string(request.deviceID)
        writer.string(request.commandType)
        writer.string(request.deviceProtocol.rawValue)
        if let expiresAt { writer.int(expiresAt.microseconds) } else { writer.null() }
        writer.endArray()
    }

    /// How many places a body has, and at how many of them a command stands.
    package static func size(of root: JSONValue) -> (places: Int, own: Int) {
        guard let commands = root["commands"], commands.kind == .array else { return (0, 0) }
        return commands.elements.reduce(into: (0, 0)) { size, command in
            size.0 += 1
            if command.kind == .array { size.1 += 1 }
        }
    }

    /// The status of the command at a place of the batch; nil when it is not in this part or has a line of its own.
    package static func status(at index: Int, requestID: String, in json: [UInt8]) throws -> CommandStatus? {
        let root = try JSONDocument(parsing: json).root
        let batch = try AcceptedBatch(root)
        let commands = try root.requiredArray("commands")
        guard index >= batch.first,
            let command = commands.elements.dropFirst(index - batch.first).first(where: { _ in true })
        else { return nil }
        return try batch.status(of: command, requestID: requestID)
    }

    /// The statuses of the commands in a body, by their places.
    package static func statuses(
        in json: [UInt8], id: (AcceptedBatch, Int) -> String
    ) throws -> [CommandStatus] {
        let root = try JSONDocument(parsing: json).root
        let batch = try AcceptedBatch(root)
        var statuses: [CommandStatus] = []
        for (place, command) in try root.requiredArray("commands").elements.enumerated() {
            let requestID = id(batch, batch.first + place)
            if let status = try batch.status(of: command, requestID: requestID) { statuses.append(status) }
        }
        return statuses
    }

    /// Nil for a null.
    private func status(of command: JSONValue, requestID: String) throws(MessageError) -> CommandStatus? {
        guard command.kind == .array else { return nil }
        let fields = Array(command.elements)
        guard fields.count == 4, let device = fields[0].string, let type = fields[1].string,
            let deviceProtocol = fields[2].string
        else { throw MessageError("commands must hold four fields each") }
        let step = CommandTransition(
            .accepted, at: acceptedAt, evidence: .job(queue: queue, messageID: messageID))
        return CommandStatus(
            requestID: requestID, deviceID: device, commandType: type, deviceProtocol: deviceProtocol,
            fingerprint: nil, expiresAt: fields[3].int.map { Timestamp(microseconds: Int64($0)) }, history: [step])
    }
}
