package import Runtime

/// The body of every answer that is not 2xx.
///
/// `{"error": code, "message": sentence, "detail": sentence or list, "details": object|null, "timestamp", "request_id"}`.
package struct ErrorBody: Sendable {
    /// A stable code, such as `not_found`.
    package var error: String
    /// A sentence without exception text, path or payload.
    package var message: String
    package var detail: Detail
    /// A JSON object, if there is more to say.
    package var details: [UInt8]?
    package var timestamp: Timestamp
    package var requestID: String

    /// What existing clients read.
    package enum Detail: Sendable {
        /// The message again, or another sentence.
        case sentence(String)
        case validation([ValidationError])
    }

    package init(
        error: String, message: String, detail: Detail? = nil, details: [UInt8]? = nil, timestamp: Timestamp,
        requestID: String
    ) {
        self.error = error
        self.message = message
        self.detail = detail ?? .sentence(message)
        self.details = details
        self.timestamp = timestamp
        self.requestID = requestID
    }

    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            writer.member("error", error)
            writer.member("message", message)
            switch detail {
            case .sentence(let sentence): writer.member("detail", sentence)
            case .validation(let errors):
                writer.member("detail", array: { writer in for error in errors { error.write(to: &writer) } })
            }
            writer.member("details", raw: details)
            writer.member("timestamp", timestamp)
            writer.member("request_id", requestID)
        }
        return writer.bytes
    }
}
