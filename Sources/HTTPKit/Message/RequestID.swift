/// A request's identifier: the client's own when it is 1–128 printable ASCII characters, else a random UUID.
///
/// A made identifier stays two words until someone asks for its text.
enum RequestID: Sendable, Hashable {
    case given(String)
    case made(UInt64, UInt64)

    /// Takes the client's text if it may be echoed in a header and a log line.
    init?(given text: String) {
        guard (1...128).contains(text.utf8.count), text.utf8.allSatisfy({ (32...126).contains($0) }) else { return nil }
        self = .given(text)
    }

    /// The text: 8-4-4-4-12 lower-case hexadecimal digits for a made one.
    var text: String {
        switch self {
        case .given(let text): text
        case .made: withBytes { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// Calls `body` with the text's bytes; a NUL follows them in memory.
    func withBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        switch self {
        case .given(let text):
            return text.withCString { cString in
                let count = text.utf8.count
                return cString.withMemoryRebound(to: UInt8.self, capacity: count) {
                    body(UnsafeBufferPointer(start: $0, count: count))
                }
            }
        case .made(let high, let low):
            return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 37) { buffer in
                var position = 0
                for index in 0..<32 {
                    if index == 8 || index == 12 || index == 16 || index == 20 {
                        buffer[position] = 45
                        position += 1
                    }
                    let word = index < 16 ? high : low
                    let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * (index & 15))) & 15
                    buffer[position] = digit < 10 ? 48 + digit : 87 + digit
                    position += 1
                }
                buffer[36] = 0
                return body(UnsafeBufferPointer(rebasing: buffer[0..<36]))
            }
        }
    }
}
