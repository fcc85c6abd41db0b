import Contracts
import DocumentTestKit
import Glibc
import Runtime
import Testing

/// A raw socket client; every request has a connection of its own, and blocks a thread of its own.
///
/// Every answer is held against the API's document.
struct TestClient: Sendable {
    let port: Int
    /// Nil for the client that fetches the document.
    var api: DocumentedAPI?

    struct Answer: Sendable {
        let status: Int
        let headers: [String: String]
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }

        func json() throws -> JSONValue { try JSONDocument(parsing: body).root }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    func get(_ target: String, token: String? = nil, headers: [String: String] = [:]) async throws -> Answer {
        try await send("GET", target, token: token, headers: headers)
    }

    func send(
        _ method: String, _ target: String, token: String? = nil, headers: [String: String] = [:], body: String? = nil
    ) async throws -> Answer {
        let answer = try Self.parse(try await exchange(request(method, target, token, headers, body)) { _ in false })
        check(answer, to: method, target)
        return answer
    }

    /// Reads a stream until its text holds `mark` so many times, or ends; then leaves. Opens `begun` at the first one.
    func stream(
        _ target: String, token: String, until mark: String, count: Int, begun: Latch = Latch()
    ) async throws -> Answer {
        let mark = Array(mark.utf8)
        let answer = try Self.parse(
            try await exchange(request("GET", target, token, [:], nil)) { bytes in
                // Unparsable until the headers are there.
                guard let answer = try? Self.parse(bytes) else { return false }
                let occurrences = Self.occurrences(of: mark, in: answer.body)
                if occurrences > 0 { begun.open() }
                return occurrences >= count
            })
        check(answer, to: "GET", target)
        return answer
    }

    /// Sends bytes as they are and reads the answer to the end of the connection.
    func raw(_ text: String) async throws -> Answer {
        let answer = try Self.parse(try await exchange(Array(text.utf8)) { _ in false })
        let words = text.prefix { $0 != "\r\n" }.split(separator: " ")
        if words.count == 3 { check(answer, to: String(words[0]), String(words[1])) }
        return answer
    }

    private func check(_ answer: Answer, to method: String, _ target: String) {
        let described = DocumentedAPI.Answer(
            status: answer.status, contentType: answer.headers["content-type"], body: answer.body)
        for fault in api?.faults(of: described, to: method, target) ?? [] { Issue.record("\(fault)") }
    }

    private func request(
        _ method: String, _ target: String, _ token: String?, _ headers: [String: String], _ body: String?
    ) -> [UInt8] {
        var text = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        if let token { text += "Authorization: Bearer \(token)\r\n" }
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if let body { text += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n" }
        return Array((text + "\r\n" + (body ?? "")).utf8)
    }

    private func exchange(
        _ request: [UInt8], until isEnough: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws -> [UInt8] {
        let thread = BlockingThread(name: "test-client")
        defer { thread.stop() }
        return try await thread.run { [port] in
            let descriptor = try Self.connect(port)
            defer { close(descriptor) }
            guard Glibc.send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
                throw Failure(description: "send: errno \(errno)")
            }
            var received: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 65_536)
            while !isEnough(received) {
                let count = recv(descriptor, &chunk, chunk.count, 0)
                guard count >= 0 else {
                    throw Failure(description: "recv: errno \(errno) after \(received.count) bytes")
                }
                if count == 0 { break }
                received += chunk.prefix(count)
            }
            return received
        }
    }

    private static func connect(_ port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            throw Failure(description: "connect: errno \(errno)")
        }
        return descriptor
    }

    private static func split(_ bytes: [UInt8]) -> (head: [UInt8], body: [UInt8])? {
        let mark: [UInt8] = [13, 10, 13, 10]
        guard bytes.count >= 4 else { return nil }
        for start in 0...(bytes.count - 4) where bytes[start..<start + 4].elementsEqual(mark) {
            return (Array(bytes[..<start]), Array(bytes[(start + 4)...]))
        }
        return nil
    }

    private static func parse(_ bytes: [UInt8]) throws -> Answer {
        guard let (head, rest) = split(bytes) else { throw Failure(description: "no answer in \(bytes.count) bytes") }
        var lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        let words = lines.removeFirst().split(separator: " ")
        guard words.count > 1, let status = Int(words[1]) else { throw Failure(description: "no status line") }
        var headers: [String: String] = [:]
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " }) }
        }
        let isChunked = headers["transfer-encoding"]?.lowercased() == "chunked"
        return Answer(status: status, headers: headers, body: isChunked ? unchunked(rest) : rest)
    }

    /// The chunks' content; an incomplete last chunk counts as far as it goes.
    private static func unchunked(_ bytes: [UInt8]) -> [UInt8] {
        var body: [UInt8] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 13) {
            guard let size = Int(String(decoding: rest[..<end], as: UTF8.self), radix: 16), size > 0 else { break }
            let content = rest.dropFirst(end - rest.startIndex + 2)
            body += content.prefix(size)
            rest = content.dropFirst(size + 2)
        }
        return body
    }

    private static func occurrences(of mark: [UInt8], in bytes: [UInt8]) -> Int {
        guard bytes.count >= mark.count else { return 0 }
        return (0...(bytes.count - mark.count)).count { bytes[$0..<$0 + mark.count].elementsEqual(mark) }
    }
}
