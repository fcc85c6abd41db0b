import Glibc

/// A TCP socket that waits for connections: a line of `/proc/net/tcp` or `tcp6`.
package struct ListeningSocket: Sendable, Hashable {
    /// Such as `0.0.0.0` or `::1`.
    package var address: String
    package var port: UInt16
    /// Of the user who opened it.
    package var user: UInt32
    /// Whether only this host reaches it.
    package var isLoopback: Bool

    package init(address: String, port: UInt16, user: UInt32, isLoopback: Bool) {
        self.address = address
        self.port = port
        self.user = user
        self.isLoopback = isLoopback
    }

    /// Sockets of one reading; a host has some dozens.
    static let maximum = 1024
    /// The state of a line that listens (kernel, net/tcp_states.h: TCP_LISTEN).
    private static let listening: StaticString = "0A"

    /// Those of a file; other lines, and malformed ones, are left out.
    static func all(_ bytes: UnsafeRawBufferPointer) -> [ListeningSocket] {
        var cursor = ByteCursor(bytes)
        var sockets: [ListeningSocket] = []
        while sockets.count < maximum, let line = cursor.line() {
            if let socket = ListeningSocket(line) { sockets.append(socket) }
        }
        return sockets
    }

    /// `sl local_address rem_address st tx:rx tr:when retransmits uid …`.
    private init?(_ line: ByteCursor) {
        var line = line
        guard line.word() != nil, let local = line.word(), line.word() != nil, let state = line.word(),
            state.equals(Self.listening), line.skipWords(3), let user = line.integer()
        else { return nil }
        let parts = local.text.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1], radix: 16), let bytes = Self.bytes(parts[0]),
            let user = UInt32(exactly: user), let address = Self.text(bytes)
        else { return nil }
        self.address = address
        self.port = port
        self.user = user
        isLoopback = Self.isLoopback(bytes)
    }

    /// The bytes of an address in network order: the file has words of 32 bits in the order of the processor.
    private static func bytes(_ digits: Substring) -> [UInt8]? {
        guard digits.utf8.count == 8 || digits.utf8.count == 32 else { return nil }
        var bytes: [UInt8] = []
        var rest = digits
        while !rest.isEmpty {
            guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
            withUnsafeBytes(of: word) { bytes += $0 }
            rest = rest.dropFirst(8)
        }
        return bytes
    }

    private static func text(_ bytes: [UInt8]) -> String? {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func isLoopback(_ bytes: [UInt8]) -> Bool {
        if bytes.count == 4 { return bytes[0] == 127 }
        let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]
        if bytes.starts(with: mapped) { return bytes[12] == 127 }
        return bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
    }
}
