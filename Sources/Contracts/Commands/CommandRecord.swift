package import Runtime

/// The record on the command topic that connectors read: its value, and its headers.
///
/// The value has the keys of the original service, all present, null when unset; the record's key is the device id.
package enum CommandRecord {
    /// The header with the request id: what the pusher finds its own records by.
    package static let requestIDHeader = "request_id"
    /// The header with the moment after which the command must not be delivered, RFC 3339.
    package static let expiresAtHeader = "expires_at"
    /// The header with the CloudEvents type.
    package static let typeHeader = "ce_type"
    /// The CloudEvents type of a command.
    package static let eventType = "flotilla.device.command"

    /// Largest record in bytes: Kafka's default limit of a batch (`message.max.bytes`, 1,048,588) less room for key and
    /// headers.
    package static let maximumBytes = (1 << 20) - 4096

    /// Writes the record's value.
    /// - Parameters:
    ///   - id: The request id, which replaces the request's own.
    ///   - acceptedAt: The timestamp of a command that brings none.
    package static func write(
        _ request: CommandRequest, id: String, acceptedAt: Timestamp, to writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.member("request_id", id)
        writer.member("timestamp", (request.timestamp ?? acceptedAt).naive)
        writer.member("device_id", request.deviceID)
        writer.member("command_type", request.commandType)
        writer.name("payload")
        writer.raw(request.payload)
        writer.member("protocol", request.deviceProtocol.rawValue)
        writer.member("parser_script_ref", request.parserScript)
        writer.name("metadata")
        if let metadata = request.metadata { writer.raw(metadata) } else { writer.null() }
        writer.member("qos", request.qos)
        writer.member("retain", request.retain)
        writer.member("confirmable", request.confirmable)
        writer.member("priority", request.priority)
        writer.member("expires_at", request.expiresAt?.isoFormat)
        writer.endObject()
    }

    /// The record's headers: request id, expiry, CloudEvents 1.0 attributes (Kafka binding, binary mode), trace.
    package static func headers(
        of envelope: CommandEnvelope, trace: TraceContext
    ) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        headers.reserveCapacity(10)
        headers.append((requestIDHeader, envelope.requestID))
        if let expiresAt = envelope.expiresAt { headers.append((expiresAtHeader, expiresAt.rfc3339)) }
        headers.append(("ce_specversion", "1.0"))
        headers.append(("ce_id", envelope.requestID))
        headers.append(("ce_source", "/flotilla/commands"))
        headers.append((typeHeader, eventType))
        headers.append(("ce_time", envelope.acceptedAt.rfc3339))
        headers.append(("content-type", "application/json"))
        headers.append((TraceContext.parentField, trace.parent))
        if let state = trace.state { headers.append((TraceContext.stateField, state)) }
        return headers
    }
}
