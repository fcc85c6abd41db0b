import CHTTP

/// What the library knows of a request's head, copied out of the connection's memory.
struct RequestHead {
    /// How the body is framed.
    enum Body: Equatable {
        case none
        case length(Int)
        case chunked
        /// Content-Length and Transfer-Encoding that contradict each other or make no sense: a smuggling attempt.
        case malformed
    }

    private(set) var headers = HTTPHeaders()
    private(set) var body = Body.none
    private(set) var expectsContinue = false
    private(set) var requestID: RequestID?

    init(_ connection: ConnectionHandle) {
        headers.reserve(256)
        withUnsafeMutablePointer(to: &self) { head in
            _ = MHD_get_connection_values_n(
                connection.pointer, .HEADER_KIND,
                { context, _, name, nameCount, value, valueCount in
                    context?.assumingMemoryBound(to: RequestHead.self).pointee.add(
                        RequestHead.bytes(name, nameCount), RequestHead.bytes(value, valueCount))
                    return .YES
                }, head)
        }
    }

    private static func bytes(_ text: UnsafePointer<CChar>?, _ count: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(
            start: UnsafeRawPointer(text)?.assumingMemoryBound(to: UInt8.self), count: text == nil ? 0 : count)
    }

    private mutating func add(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        headers.append(bytes: name)
        headers.append(bytes: value)
        switch name.count {
        case 6 where Self.matches(name, "expect"):
            expectsContinue = Self.matches(value, "100-continue")
        case 12 where Self.matches(name, "x-request-id"):
            requestID = RequestID(given: String(decoding: value, as: UTF8.self))
        case 14 where Self.matches(name, "content-length"):
            let length = Int(String(decoding: value, as: UTF8.self))
            body = body == .none ? length.map { .length($0) } ?? .malformed : .malformed
        case 17 where Self.matches(name, "transfer-encoding"):
            body = body == .none && Self.matches(value, "chunked") ? .chunked : .malformed
        default:
            break
        }
    }

    /// Whether `bytes` is `text`, which is lower case, without regard to case.
    private static func matches(_ bytes: UnsafeBufferPointer<UInt8>, _ text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        for index in 0..<bytes.count {
            let byte = bytes[index]
            guard (byte &- 65 < 26 ? byte | 32 : byte) == text.utf8Start[index] else { return false }
        }
        return true
    }
}

extension HTTPMethod {
    /// The method of a request line; nil for one that no route can have.
    init?(cString: UnsafePointer<CChar>) {
        self.init(rawValue: String(cString: cString))
    }
}
