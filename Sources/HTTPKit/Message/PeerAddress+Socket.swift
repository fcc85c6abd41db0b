import Glibc

extension PeerAddress {
    /// Reads a socket address; anything but IPv4 and IPv6 is an unknown, not loopback peer.
    init(_ address: UnsafePointer<sockaddr>?) {
        switch address.map({ Int32($0.pointee.sa_family) }) {
        case AF_INET:
            let raw = UnsafeRawPointer(address).unsafelyUnwrapped.loadUnaligned(as: sockaddr_in.self)
            let word = UInt32(bigEndian: raw.sin_addr.s_addr)
            self.init(ipv4: word, port: Int(UInt16(bigEndian: raw.sin_port)))
        case AF_INET6:
            let raw = UnsafeRawPointer(address).unsafelyUnwrapped.loadUnaligned(as: sockaddr_in6.self)
            self.init(ipv6: raw.sin6_addr, port: Int(UInt16(bigEndian: raw.sin6_port)))
        default:
            self.init(host: "unknown", port: 0, isLoopback: false)
        }
    }

    private init(ipv4 word: UInt32, port: Int) {
        let host = "\(word >> 24).\(word >> 16 & 255).\(word >> 8 & 255).\(word & 255)"
        self.init(host: host, port: port, isLoopback: word >> 24 == 127)
    }

    private init(ipv6 address: in6_addr, port: Int) {
        var address = address
        let bytes = withUnsafeBytes(of: &address) { Array($0) }
        if bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255]) {
            self.init(ipv4: bytes[12...].reduce(0) { $0 << 8 | UInt32($1) }, port: port)
            return
        }
        let host = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            inet_ntop(AF_INET6, &address, buffer.baseAddress, socklen_t(INET6_ADDRSTRLEN)).map { String(cString: $0) }
        }
        let isLoopback = bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
        self.init(host: host ?? "unknown", port: port, isLoopback: isLoopback)
    }
}
