/// What the memory manager did since boot: lines of `/proc/vmstat` (proc(5)); nil where the kernel has no such line.
package struct VirtualMemoryCounters: Sendable, Hashable {
    /// KiB that were read from and written to block devices, swap included.
    package var pagedIn: UInt64?
    package var pagedOut: UInt64?
    /// Pages read from and written to swap.
    package var swappedIn: UInt64?
    package var swappedOut: UInt64?
    /// Page faults that had to wait for a device.
    package var majorFaults: UInt64?
    /// Processes killed for want of memory, on the host or in a control group; since Linux 4.13.
    package var oomKills: UInt64?

    package init() {}

    /// Malformed lines are ignored; nil if no line is known.
    init?(vmstat bytes: UnsafeRawBufferPointer) {
        var cursor = ByteCursor(bytes)
        while var line = cursor.line() {
            if line.skip("pg") {
                if line.skip("pgin ") {
                    pagedIn = line.integer()
                } else if line.skip("pgout ") {
                    pagedOut = line.integer()
                } else if line.skip("majfault ") {
                    majorFaults = line.integer()
                }
            } else if line.skip("pswpin ") {
                swappedIn = line.integer()
            } else if line.skip("pswpout ") {
                swappedOut = line.integer()
            } else if line.skip("oom_kill ") {
                oomKills = line.integer()
            }
        }
        if self == VirtualMemoryCounters() { return nil }
    }
}

/// What the memory manager did between two readings; a counter that is missing or went backwards is nil.
package struct VirtualMemoryRates: Sendable, Hashable {
    package var pagedInBytesPerSecond: Double?
    package var pagedOutBytesPerSecond: Double?
    package var swappedInBytesPerSecond: Double?
    package var swappedOutBytesPerSecond: Double?
    package var majorFaultsPerSecond: Double?
    package var oomKillsPerSecond: Double?

    /// - Parameter pageSize: bytes of a page of swap.
    static func between(
        _ previous: VirtualMemoryCounters, _ current: VirtualMemoryCounters, seconds: Double, pageSize: Double
    ) -> VirtualMemoryRates {
        func rate(_ counter: (VirtualMemoryCounters) -> UInt64?, unit: Double = 1) -> Double? {
            CounterRate.perSecond(counter(previous), counter(current), seconds: seconds).map { $0 * unit }
        }
        return VirtualMemoryRates(
            pagedInBytesPerSecond: rate(\.pagedIn, unit: 1024), pagedOutBytesPerSecond: rate(\.pagedOut, unit: 1024),
            swappedInBytesPerSecond: rate(\.swappedIn, unit: pageSize),
            swappedOutBytesPerSecond: rate(\.swappedOut, unit: pageSize),
            majorFaultsPerSecond: rate(\.majorFaults), oomKillsPerSecond: rate(\.oomKills))
    }
}

/// Reads `/proc/vmstat`. Belongs to one thread.
package final class VirtualMemoryProbe {
    private let file: KernelFile

    package init(root: String = "") { file = KernelFile(root: root, "/proc/vmstat") }

    package func read(_ buffer: ReadBuffer) throws(ProbeError) -> VirtualMemoryCounters {
        try file.read(buffer) { bytes throws(ProbeError) in
            guard let counters = VirtualMemoryCounters(vmstat: bytes) else {
                throw ProbeError(.malformed, source: file.source)
            }
            return counters
        }
    }
}
