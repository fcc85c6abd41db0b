import Glibc

/// Reads `/proc/meminfo`, and `/proc/zoneinfo` where the former does not say what is available.
///
/// Belongs to one thread.
package final class MemoryProbe {
    private let meminfo: KernelFile
    private let zoneinfo: KernelFile

    package init(root: String = "") {
        meminfo = KernelFile(root: root, "/proc/meminfo")
        zoneinfo = KernelFile(root: root, "/proc/zoneinfo")
    }

    package func read(_ buffer: ReadBuffer) throws(ProbeError) -> MemoryReading {
        let fields = try meminfo.read(buffer) { bytes throws(ProbeError) in MemoryFields(bytes) }
        guard let total = fields.total, let free = fields.free, total > 0 else {
            throw ProbeError(.malformed, source: meminfo.source)
        }
        var available = fields.available ?? 0
        let isEstimated = available == 0
        if isEstimated { available = fields.estimatedAvailable(low: lowWatermark(buffer)) ?? free }
        // Inside an LXC container it can exceed the container's total; then only what is free is sure.
        if available > total { available = min(free, total) }
        return MemoryReading(
            total: total, free: free, available: available, isAvailableEstimated: isEstimated,
            buffers: fields.buffers, cached: fields.cached, shared: fields.shared, dirty: fields.dirty,
            swapTotal: fields.swapTotal, swapFree: fields.swapFree)
    }

    /// In bytes; nil when `/proc/zoneinfo` cannot be read, for which there is a formula without it.
    private func lowWatermark(_ buffer: ReadBuffer) -> UInt64? {
        let pages = try? zoneinfo.read(buffer) { bytes throws(ProbeError) in
            MemoryFields.lowWatermarkPages(zoneinfo: bytes)
        }
        guard let pages = pages ?? nil else { return nil }
        return pages.multipliedReportingOverflow(by: UInt64(clamping: sysconf(Int32(_SC_PAGESIZE)))).partialValue
    }
}
