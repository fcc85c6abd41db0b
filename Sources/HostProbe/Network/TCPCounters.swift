/// What TCP did since boot in this network namespace, over IPv4 and IPv6: the `Tcp:` lines of `/proc/net/snmp`
/// (RFC 1213 and 4022); nil where the kernel does not say it.
package struct TCPCounters: Sendable, Hashable {
    /// Connections that are established or wait to be closed by this side, now.
    package var established: UInt64?
    /// Connections begun by this host, and accepted by it.
    package var activeOpens: UInt64?
    package var passiveOpens: UInt64?
    /// Connections that never came to be, and that ended by a reset.
    package var failedAttempts: UInt64?
    package var resets: UInt64?
    package var receivedSegments: UInt64?
    package var sentSegments: UInt64?
    package var retransmittedSegments: UInt64?
    /// Segments that were received damaged.
    package var receiveErrors: UInt64?

    package init() {}

    /// One line has the names of the fields and the next their values; nil if there is no such pair.
    init?(snmp bytes: UnsafeRawBufferPointer) {
        var cursor = ByteCursor(bytes)
        while var names = cursor.line() {
            guard names.skip("Tcp: ") else { continue }
            guard var values = cursor.line(), values.skip("Tcp: ") else { return nil }
            while let name = names.word(), var value = values.word() { set(name, &value) }
            if self == TCPCounters() { return nil }
            return
        }
        return nil
    }

    private mutating func set(_ name: ByteCursor, _ value: inout ByteCursor) {
        if name.equals("CurrEstab") {
            established = value.integer()
        } else if name.equals("ActiveOpens") {
            activeOpens = value.integer()
        } else if name.equals("PassiveOpens") {
            passiveOpens = value.integer()
        } else if name.equals("AttemptFails") {
            failedAttempts = value.integer()
        } else if name.equals("EstabResets") {
            resets = value.integer()
        } else if name.equals("InSegs") {
            receivedSegments = value.integer()
        } else if name.equals("OutSegs") {
            sentSegments = value.integer()
        } else if name.equals("RetransSegs") {
            retransmittedSegments = value.integer()
        } else if name.equals("InErrs") {
            receiveErrors = value.integer()
        }
    }
}

/// Reads `/proc/net/snmp`. Belongs to one thread.
package final class TCPProbe {
    private let file: KernelFile

    package init(root: String = "") { file = KernelFile(root: root, "/proc/net/snmp") }

    package func read(_ buffer: ReadBuffer) throws(ProbeError) -> TCPCounters {
        try file.read(buffer) { bytes throws(ProbeError) in
            guard let counters = TCPCounters(snmp: bytes) else { throw ProbeError(.malformed, source: file.source) }
            return counters
        }
    }
}
