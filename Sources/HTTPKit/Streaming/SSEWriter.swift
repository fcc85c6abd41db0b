/// Sends server-sent events (WHATWG HTML, section 9.2) to one client.
package struct SSEWriter: Sendable {
    let writer: ResponseWriter

    /// Sends one event; waits while the client is slow.
    ///
    /// - Parameters:
    ///   - event: the event's type; nil is `message`.
    ///   - id: the id that a reconnecting client returns as Last-Event-ID.
    ///   - data: UTF-8; each line becomes a `data:` line.
    /// - Throws: ``StreamError`` when the client has left or the server stops, `CancellationError` when cancelled.
    package func send(event: String? = nil, id: String? = nil, data: [UInt8]) async throws {
        try await writer.write(Self.encode(event: event, id: id, data: data))
    }

    /// Sends a comment, which clients ignore.
    package func comment(_ text: String = "") async throws {
        try await writer.write(Array(": \(Self.line(text))\n\n".utf8))
    }

    /// Tells the client how long to wait before it reconnects.
    package func retry(after delay: Duration) async throws {
        try await writer.write(Self.encode(retryAfter: delay))
    }

    static func encode(retryAfter delay: Duration) -> [UInt8] {
        Array("retry: \(delay.wholeMilliseconds)\n\n".utf8)
    }

    static func encode(event: String?, id: String?, data: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(data.count + 32)
        if let event { bytes.append(contentsOf: "event: \(line(event))\n".utf8) }
        if let id { bytes.append(contentsOf: "id: \(line(id))\n".utf8) }
        bytes.append(contentsOf: "data: ".utf8)
        var index = 0
        while index < data.count {
            let byte = data[index]
            if byte == 13 || byte == 10 {
                bytes.append(contentsOf: "\ndata: ".utf8)
                if byte == 13, index + 1 < data.count, data[index + 1] == 10 { index += 1 }
            } else {
                bytes.append(byte)
            }
            index += 1
        }
        bytes.append(contentsOf: "\n\n".utf8)
        return bytes
    }

    /// A field's value: line ends and NUL would start another field, so they become spaces.
    private static func line(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 10 || $0 == 13 || $0 == 0 }) else { return text }
        return String(decoding: text.utf8.map { $0 == 10 || $0 == 13 || $0 == 0 ? 32 : $0 }, as: UTF8.self)
    }
}
