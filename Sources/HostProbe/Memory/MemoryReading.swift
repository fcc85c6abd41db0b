/// `/proc/meminfo` at one moment, in bytes.
package struct MemoryReading: Sendable, Hashable {
    package var total: UInt64
    package var free: UInt64
    /// What programs could still get without swapping.
    package var available: UInt64
    /// Whether `available` was computed because the kernel does not say it (before 3.14).
    package var isAvailableEstimated: Bool
    package var buffers: UInt64?
    /// The page cache, tmpfs and shared memory included.
    package var cached: UInt64?
    /// tmpfs and shared memory.
    package var shared: UInt64?
    package var dirty: UInt64?
    package var swapTotal: UInt64?
    package var swapFree: UInt64?

    package var used: UInt64 { total - min(available, total) }
    /// 0–100.
    package var usedPercent: Double { Double(used) / Double(total) * 100 }
    package var swapUsed: UInt64? {
        guard let swapTotal, let swapFree else { return nil }
        return swapTotal - min(swapFree, swapTotal)
    }
    /// 0–100; nil on a machine without swap.
    package var swapUsedPercent: Double? {
        guard let swapTotal, let swapUsed, swapTotal > 0 else { return nil }
        return Double(swapUsed) / Double(swapTotal) * 100
    }

    package init(
        total: UInt64, free: UInt64, available: UInt64, isAvailableEstimated: Bool = false, buffers: UInt64? = nil,
        cached: UInt64? = nil, shared: UInt64? = nil, dirty: UInt64? = nil, swapTotal: UInt64? = nil,
        swapFree: UInt64? = nil
    ) {
        self.total = total
        self.free = free
        self.available = min(available, total)
        self.isAvailableEstimated = isAvailableEstimated
        self.buffers = buffers
        self.cached = cached
        self.shared = shared
        self.dirty = dirty
        self.swapTotal = swapTotal
        self.swapFree = swapFree
    }
}
