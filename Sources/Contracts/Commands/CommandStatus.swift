package import Runtime

/// What is known of a command: one line of a record on `device_command_status`, or of an event on `command_events`. What was
/// published has a shorter form there, `PublishedCommands`.
///
/// `{"request_id","device_id","command_type","protocol","fingerprint","expires_at","history":[{"status","at","evidence"}]}`.
package struct CommandStatus: Sendable, Hashable {
    package var requestID: String
    package var deviceID: String
    package var commandType: String
    package var deviceProtocol: String
    /// What a repeated key's body is compared by; nil when the id was made by the ingress.
    package var fingerprint: String?
    package var expiresAt: Timestamp?
    /// What happened, in order; at least one step.
    package var history: [CommandTransition]

    package init(
        requestID: String, deviceID: String, commandType: String, deviceProtocol: String, fingerprint: String?,
        expiresAt: Timestamp?, history: [CommandTransition]
    ) {
        self.requestID = requestID
        self.deviceID = deviceID
        self.commandType = commandType
        self.deviceProtocol = deviceProtocol
        self.fingerprint = fingerprint
        self.expiresAt = expiresAt
        self.history = history
    }

    /// The state of an envelope's command after these steps.
    package init(_ envelope: CommandEnvelope, history: [CommandTransition]) {
        self.init(
            requestID: envelope.requestID, deviceID: envelope.deviceID, commandType: envelope.commandType,
            deviceProtocol: envelope.deviceProtocol, fingerprint: envelope.fingerprint, expiresAt: envelope.expiresAt,
            history: history)
    }

    /// Decodes a line.
    /// - Throws: `JSONError` or `MessageError`.
    package init(line: ArraySlice<UInt8>) throws {
        try self.init(JSONDocument(parsing: line).root)
    }

    package init(_ root: JSONValue) throws(MessageError) {
        requestID = try root.requiredString("request_id")
        deviceID = try root.requiredString("device_id")
        commandType = try root.requiredString("command_type")
        deviceProtocol = try root.requiredString("protocol")
        fingerprint = root["fingerprint"]?.string
        expiresAt = root["expires_at"]?.timestamp
        history = []
        for element in try root.requiredArray("history").elements { history.append(try CommandTransition(element)) }
        guard !history.isEmpty else { throw MessageError("history must not be empty") }
    }

    /// Writes a line, without the line's end.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("request_id", requestID)
        writer.member("device_id", deviceID)
        writer.member("command_type", commandType)
        writer.member("protocol", deviceProtocol)
        if let fingerprint { writer.member("fingerprint", fingerprint) }
        writer.member("expires_at", expiresAt)
        writer.name("history")
        writer.beginArray()
        for step in history { step.write(to: &writer) }
        writer.endArray()
        writer.endObject()
    }
}
