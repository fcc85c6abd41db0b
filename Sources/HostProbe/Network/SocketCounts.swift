/// How many sockets there are in this network namespace: `/proc/net/sockstat`; nil where the kernel does not say it.
package struct SocketCounts: Sendable, Hashable {
    /// Of every kind.
    package var used: UInt64?
    /// IPv4 TCP sockets that are open; IPv6 ones are counted elsewhere.
    package var tcpInUse: UInt64?
    /// TCP sockets that no process holds any more, IPv6 included.
    package var tcpOrphaned: UInt64?
    package var tcpTimeWait: UInt64?

    package init() {}

    /// Malformed lines are ignored; nil if no line is known.
    init?(sockstat bytes: UnsafeRawBufferPointer) {
        var cursor = ByteCursor(bytes)
        while var line = cursor.line() {
            if line.skip("sockets: used ") {
                used = line.integer()
            } else if line.skip("TCP: ") {
                while let name = line.word(), var value = line.word() {
                    if name.equals("inuse") {
                        tcpInUse = value.integer()
                    } else if name.equals("orphan") {
                        tcpOrphaned = value.integer()
                    } else if name.equals("tw") {
                        tcpTimeWait = value.integer()
                    }
                }
            }
        }
        if self == SocketCounts() { return nil }
    }
}

/// Reads `/proc/net/sockstat`. Belongs to one thread.
package final class SocketProbe {
    private let file: KernelFile

    package init(root: String = "") { file = KernelFile(root: root, "/proc/net/sockstat") }

    package func read(_ buffer: ReadBuffer) throws(ProbeError) -> SocketCounts {
        try file.read(buffer) { bytes throws(ProbeError) in
            guard let counts = SocketCounts(sockstat: bytes) else { throw ProbeError(.malformed, source: file.source) }
            return counts
        }
    }
}
