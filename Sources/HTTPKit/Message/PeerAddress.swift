/// The other end of a connection.
package struct PeerAddress: Sendable, Hashable {
    /// The numeric address; IPv4 addresses mapped into IPv6 are written as IPv4.
    package let host: String
    /// The port at the other end.
    package let port: Int
    /// Whether the address is 127.0.0.0/8 or ::1.
    package let isLoopback: Bool

    /// Makes an address for tests and for addresses forwarded by a trusted proxy.
    package init(host: String, port: Int, isLoopback: Bool) {
        self.host = host
        self.port = port
        self.isLoopback = isLoopback
    }
}
