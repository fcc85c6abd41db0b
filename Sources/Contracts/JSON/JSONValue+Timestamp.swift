package import Runtime

extension JSONValue {
    /// A string that is an RFC 3339 time.
    package var timestamp: Timestamp? { string.flatMap { Timestamp(rfc3339: $0) } }

    package func requiredTimestamp(_ name: String) throws(MessageError) -> Timestamp {
        try required(name, "a time") { $0.timestamp }
    }
}
