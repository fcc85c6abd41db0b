import BusTestKit
import Contracts
import DocumentTestKit
import Glibc
import Testing

/// A small blocking HTTP client for tests: one keep-alive connection to loopback.
///
/// Protected by: each test task uses a client of its own.
final class HTTPClient {
    struct Answer {
        let status: Int
        let headers: [String: String]
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    private let descriptor: Int32
    private let token: String
    private let api: DocumentedAPI?
    private var buffer: [UInt8] = []

    /// - Parameter api: what every answer is held against.
    init(port: UInt16, token: String, timeout: Int = 30, api: DocumentedAPI? = nil) throws {
        self.api = api
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        self.token = token
        var limit = timeval(tv_sec: timeout, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, 4)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw ChildFailure("connect: errno \(errno)") }
    }

    deinit { close(descriptor) }

    /// Sends a request and reads its answer.
    func send(
        _ method: String, _ target: String, headers: [String: String] = [:], body: String? = nil,
        authorized: Bool = true
    ) throws -> Answer {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n"
        if authorized { head += "Authorization: Bearer \(token)\r\n" }
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n" }
        try write(Array((head + "\r\n" + (body ?? "")).utf8))
        let answer = try readAnswer()
        let described = DocumentedAPI.Answer(
            status: answer.status, contentType: answer.headers["content-type"], body: answer.body)
        for fault in api?.faults(of: described, to: method, target) ?? [] { Issue.record("\(fault)") }
        return answer
    }

    /// Sends raw bytes; a peer that has closed is an error.
    func write(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw ChildFailure("send: errno \(errno)") }
            sent += count
        }
    }

    func readAnswer() throws -> Answer {
        let head = try readThrough(Array("\r\n\r\n".utf8))
        var lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw ChildFailure("not HTTP: \(String(decoding: head, as: UTF8.self))")
        }
        lines.removeFirst()
        var headers: [String: String] = [:]
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " }) }
        }
        if status == 100 { return try readAnswer() }
        return Answer(status: status, headers: headers, body: try readBody(headers))
    }

    private func readBody(_ headers: [String: String]) throws -> [UInt8] {
        if let length = headers["content-length"].flatMap({ Int($0) }) { return try take(length) }
        guard headers["transfer-encoding"] == "chunked" else { return [] }
        var body: [UInt8] = []
        while true {
            let size = String(decoding: try readThrough([13, 10]).dropLast(2), as: UTF8.self)
            guard let count = Int(size, radix: 16) else { throw ChildFailure("bad chunk size \(size)") }
            body += try take(count)
            _ = try take(2)
            if count == 0 { return body }
        }
    }

    /// Reads up to and with the mark.
    func readThrough(_ mark: [UInt8]) throws -> [UInt8] {
        var searched = 0
        while true {
            if buffer.count >= mark.count, searched <= buffer.count - mark.count {
                for start in searched...(buffer.count - mark.count)
                where buffer[start..<start + mark.count].elementsEqual(mark) {
                    return try take(start + mark.count)
                }
                searched = buffer.count - mark.count + 1
            }
            try fill()
        }
    }

    private func take(_ count: Int) throws -> [UInt8] {
        while buffer.count < count { try fill() }
        defer { buffer.removeFirst(count) }
        return Array(buffer.prefix(count))
    }

    private func fill() throws {
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else {
            throw ChildFailure(count == 0 ? "the server closed the connection" : "recv: errno \(errno)")
        }
        buffer += chunk.prefix(count)
    }
}
