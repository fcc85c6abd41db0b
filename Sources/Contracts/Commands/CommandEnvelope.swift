package import Runtime

/// One accepted command on its way to the pusher: one line of a job's body on `command.requests`.
///
/// `{"accepted_at":µs,"expires_at":µs,"fingerprint":text,"record":{…}}`, expiry and fingerprint only where there is one. The
/// record is last and is copied as it is, so what the ingress wrote is what connectors read.
package final class CommandEnvelope: Sendable {
    package let acceptedAt: Timestamp
    /// When it must not be published any more; the client's or the default.
    package let expiresAt: Timestamp?
    /// What a repeated key's body is compared by; nil when the ingress made the id.
    package let fingerprint: String?
    package let requestID: String
    package let deviceID: String
    package let commandType: String
    package let deviceProtocol: String
    /// The value of the Kafka record.
    package let record: [UInt8]

    /// Whether a client chose the id, so that the same command may come again.
    package var isKeyed: Bool { fingerprint != nil }

    /// Most commands of one job.
    package static let maximumPerJob = 1000
    /// A job is not added to beyond this size; one command may be larger.
    package static let jobBytes = 256 << 10
    /// The job header with where each partition of the command topic ended, or earlier, when the job was enqueued: as
    /// `0:17,1:4`. None of its commands can be before.
    package static let logEndsHeader = "log_ends"

    private static let recordName = Array(#","record":"#.utf8)

    /// Writes a line, without the line's end.
    package static func write(
        _ request: CommandRequest, id: String, acceptedAt: Timestamp, expiresAt: Timestamp?,
        fingerprint: String?, to writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.member("accepted_at", acceptedAt.microseconds)
        if let expiresAt { writer.member("expires_at", expiresAt.microseconds) }
        if let fingerprint { writer.member("fingerprint", fingerprint) }
        writer.name("record")
        CommandRecord.write(request, id: id, acceptedAt: acceptedAt, to: &writer)
        writer.endObject()
    }

    /// Decodes a line.
    /// - Throws: `JSONError` or `MessageError`.
    package init(line: ArraySlice<UInt8>) throws {
        let root = try JSONDocument(parsing: line).root
        try Self.checkMembers(root)
        acceptedAt = Timestamp(microseconds: Int64(try root.requiredInt("accepted_at")))
        expiresAt = root["expires_at"]?.int.map { Timestamp(microseconds: Int64($0)) }
        fingerprint = root["fingerprint"]?.string
        let command = try root.requiredObject("record")
        requestID = try command.requiredString("request_id")
        deviceID = try command.requiredString("device_id")
        commandType = try command.requiredString("command_type")
        deviceProtocol = try command.requiredString("protocol")
        // Nothing before the record can hold this text: there are numbers, and a string, which would escape the quotes.
        guard let name = line.firstIndex(of: Self.recordName, within: 256), line.last == UInt8(ascii: "}") else {
            throw MessageError("record must come last")
        }
        record = Array(line[(name + Self.recordName.count)..<(line.endIndex - 1)])
    }

    /// The members that `write` writes, and no arrays or objects but the record.
    private static func checkMembers(_ root: JSONValue) throws(MessageError) {
        for (name, value) in root.members {
            switch (name, value.kind) {
            case ("accepted_at", .integer), ("expires_at", .integer), ("fingerprint", .string), ("record", .object):
                break
            default: throw MessageError("an envelope must have the members of one, and their types")
            }
        }
    }
}

extension ArraySlice<UInt8> {
    /// Where a text starts for the first time, looking only at starts below `limit`.
    fileprivate func firstIndex(of text: [UInt8], within limit: Int) -> Int? {
        let last = Swift.min(startIndex + limit, endIndex - text.count)
        guard startIndex < last else { return nil }
        return (startIndex..<last).first { self[$0] == text[0] && self[$0...].starts(with: text) }
    }
}
