import Glibc

/// Sends bytes on a new connection, ends its sending side, and reads the answer; blocking.
struct Exchange {
    let port: Int

    struct Answer {
        let status: Int
        let isJSON: Bool
        /// Whether the body is as long as its head says.
        let isWhole: Bool
        let body: [UInt8]

        var text: String { String(decoding: body.prefix(1000), as: UTF8.self) }
    }

    /// Nil when the connection is closed without an answer. An answer without a length, such as a stream, is not read to
    /// its end.
    func send(_ bytes: [UInt8]) throws -> Answer? {
        // Without the end of a head the server waits for it, up to its deadline.
        let hasHead = [[13, 10, 13, 10], [10, 10]].contains { mark in
            bytes.indices.contains { bytes[$0...].starts(with: mark) }
        }
        let descriptor = try connected(patience: hasHead ? 15_000_000 : 5_000)
        defer { close(descriptor) }
        // A server that has refused already may have closed: what it said is read all the same.
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        shutdown(descriptor, Int32(SHUT_WR))
        var received: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count < 0, errno == EAGAIN, !hasHead { return nil }
            guard count >= 0 || errno == ECONNRESET else { throw Finding("no answer and no end: errno \(errno)") }
            guard count > 0 else { return Self.answer(in: received, isAtEnd: true) }
            received += chunk.prefix(count)
            if let answer = Self.answer(in: received, isAtEnd: false) { return answer }
        }
    }

    /// - Parameter patience: Microseconds for each read.
    private func connected(patience: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var limit = timeval(tv_sec: patience / 1_000_000, tv_usec: patience % 1_000_000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            throw Finding("the ingress takes no connection: errno \(errno)")
        }
        return descriptor
    }

    /// The last answer that is whole, or what there is of one at the end; nil while there is more to come.
    private static func answer(in bytes: [UInt8], isAtEnd: Bool) -> Answer? {
        let mark = Array("\r\n\r\n".utf8)
        guard bytes.count >= 4, let end = (0...(bytes.count - 4)).first(where: { bytes[$0...].starts(with: mark) })
        else { return nil }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).lowercased().split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count > 1, let status = Int(words[1]) else { return nil }
        let rest = Array(bytes[(end + 4)...])
        // 100 Continue comes before the answer.
        if status < 200 { return answer(in: rest, isAtEnd: isAtEnd) }
        let length = lines.first { $0.hasPrefix("content-length:") }?.split(separator: " ").last.flatMap { Int($0) }
        guard let length else {
            return Answer(status: status, isJSON: false, isWhole: false, body: rest)
        }
        guard rest.count >= length || isAtEnd else { return nil }
        return Answer(
            status: status, isJSON: lines.contains { $0.hasPrefix("content-type: application/json") },
            isWhole: rest.count >= length, body: Array(rest.prefix(length)))
    }
}
