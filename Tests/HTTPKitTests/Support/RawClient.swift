import Glibc

enum ClientError: Error {
    case system(String, Int32)
    case closed
    case timedOut
    case malformed(String)
}

/// A response as it came over the wire.
struct RawResponse: Sendable {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// A blocking TCP client for one connection; used by one thread at a time. Reads fail after ten seconds.
final class RawClient: @unchecked Sendable {
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var isOpen = true

    init(port: Int, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw ClientError.system("socket", errno) }
        let size = socklen_t(MemoryLayout<Int32>.size)
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, size)
        if var receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, size) }
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            let error = errno
            Glibc.close(descriptor)
            isOpen = false
            throw ClientError.system("connect", error)
        }
    }

    deinit { close() }

    func close() {
        if isOpen { Glibc.close(descriptor) }
        isOpen = false
    }

    /// Closes with a reset instead of a goodbye.
    func reset() {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        close()
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw ClientError.system("send", errno) }
            sent += count
        }
    }

    /// Sends what fits without waiting; returns the number of bytes, 0 when the server doesn't read.
    func sendWithoutWaiting(_ bytes: [UInt8]) throws -> Int {
        let flags = Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
        let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, bytes.count, flags) }
        if count < 0, errno != EAGAIN { throw ClientError.system("send", errno) }
        return max(0, count)
    }

    func get(_ path: String, headers: String = "") throws -> RawResponse {
        try send("GET \(path) HTTP/1.1\r\nHost: test\r\n\(headers)\r\n")
        return try response()
    }

    func post(_ path: String, _ body: [UInt8], headers: String = "") throws -> RawResponse {
        try send("POST \(path) HTTP/1.1\r\nHost: test\r\nContent-Length: \(body.count)\r\n\(headers)\r\n")
        try send(body)
        return try response()
    }

    /// Reads one response. 1xx ones are returned as they are.
    func response(toHead: Bool = false) throws -> RawResponse {
        var response = try head()
        guard !toHead, response.status >= 200, response.status != 204, response.status != 304 else { return response }
        if let length = response.header("Content-Length").flatMap({ Int($0) }) {
            response.body = try take(length)
        } else if response.header("Transfer-Encoding") == "chunked" {
            while true {
                let chunk = try self.chunk()
                if chunk.isEmpty { break }
                response.body += chunk
            }
        } else {
            response.body = try rest()
        }
        return response
    }

    func head() throws -> RawResponse {
        let start = try line()
        let parts = start.split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0] == "HTTP/1.1", let status = Int(parts[1]) else {
            throw ClientError.malformed(start)
        }
        var response = RawResponse(status: status, headers: [], body: [])
        while true {
            let line = try line()
            if line.isEmpty { return response }
            guard let colon = line.firstIndex(of: ":") else { throw ClientError.malformed(line) }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            response.headers.append((String(line[..<colon]), String(value)))
        }
    }

    /// Reads one chunk of a chunked body; empty at its end.
    func chunk() throws -> [UInt8] {
        let size = try line()
        guard let count = Int(size, radix: 16) else { throw ClientError.malformed(size) }
        let bytes = try take(count)
        _ = try line()
        return bytes
    }

    /// Reads until the server closes; throws when it doesn't.
    func rest() throws -> [UInt8] {
        do {
            while true { try fill() }
        } catch ClientError.closed {
            defer { buffer = [] }
            return buffer
        }
    }

    /// Whether the server has closed the connection, waiting for it; bytes before that are dropped.
    func isClosedByServer() -> Bool {
        do {
            _ = try rest()
            return true
        } catch ClientError.system {
            return true
        } catch {
            return false
        }
    }

    func take(_ count: Int) throws -> [UInt8] {
        while buffer.count < count { try fill() }
        defer { buffer.removeFirst(count) }
        return Array(buffer[..<count])
    }

    private func line() throws -> String {
        while true {
            if let end = buffer.firstIndex(of: 10) {
                defer { buffer.removeFirst(end + 1) }
                return String(decoding: buffer[..<end].filter { $0 != 13 }, as: UTF8.self)
            }
            try fill()
        }
    }

    private func fill() throws {
        var piece = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &piece, piece.count, 0)
        if count == 0 { throw ClientError.closed }
        guard count > 0 else { throw errno == EAGAIN ? ClientError.timedOut : ClientError.system("recv", errno) }
        buffer += piece[..<count]
    }
}
