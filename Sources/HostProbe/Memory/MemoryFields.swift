/// The lines of `/proc/meminfo` that are used, in bytes; nil where the kernel has no such line.
struct MemoryFields {
    var total: UInt64?
    var free: UInt64?
    var available: UInt64?
    var buffers: UInt64?
    var cached: UInt64?
    var shared: UInt64?
    var dirty: UInt64?
    var activeFile: UInt64?
    var inactiveFile: UInt64?
    var reclaimableSlab: UInt64?
    var swapTotal: UInt64?
    var swapFree: UInt64?

    /// Reads `/proc/meminfo`; malformed lines are ignored.
    init(_ bytes: UnsafeRawBufferPointer) {
        var cursor = ByteCursor(bytes)
        while var line = cursor.line() {
            guard let name = line.upTo(UInt8(ascii: ":")) else { continue }
            if name.equals("MemTotal") {
                total = Self.bytes(&line)
            } else if name.equals("MemFree") {
                free = Self.bytes(&line)
            } else if name.equals("MemAvailable") {
                available = Self.bytes(&line)
            } else if name.equals("Buffers") {
                buffers = Self.bytes(&line)
            } else if name.equals("Cached") {
                cached = Self.bytes(&line)
            } else if name.equals("Active(file)") {
                activeFile = Self.bytes(&line)
            } else if name.equals("Inactive(file)") {
                inactiveFile = Self.bytes(&line)
            } else if name.equals("SwapTotal") {
                swapTotal = Self.bytes(&line)
            } else if name.equals("SwapFree") {
                swapFree = Self.bytes(&line)
            } else if name.equals("Dirty") {
                dirty = Self.bytes(&line)
            } else if name.equals("Shmem") {
                shared = Self.bytes(&line)
            } else if name.equals("SReclaimable") {
                reclaimableSlab = Self.bytes(&line)
            }
        }
    }

    /// A size in `kB`, which means KiB here; nil if it is malformed or past 2^40 KiB (1 PiB), so sums cannot overflow.
    private static func bytes(_ line: inout ByteCursor) -> UInt64? {
        guard let kibibytes = line.integer(), kibibytes <= 1 << 40 else { return nil }
        return kibibytes << 10
    }

    /// `free − low + (file LRU − min(file/2, low)) + (SReclaimable − min(SReclaimable/2, low))`, the kernel's own
    /// formula for MemAvailable (`si_mem_available`), at least 0.
    /// - Parameter low: the sum of the zones' low watermarks in bytes; nil if unknown, which leaves `free + cached`.
    func estimatedAvailable(low: UInt64?) -> UInt64? {
        guard let free else { return nil }
        guard let low, let activeFile, let inactiveFile else { return free + (cached ?? 0) }
        let file = activeFile + inactiveFile
        let slab = reclaimableSlab ?? 0
        let sum = free + (file - min(file / 2, low)) + (slab - min(slab / 2, low))
        return sum > low ? sum - low : 0
    }

    /// The sum of the zones' low watermarks of `/proc/zoneinfo`, in pages; nil if it has none.
    static func lowWatermarkPages(zoneinfo bytes: UnsafeRawBufferPointer) -> UInt64? {
        var cursor = ByteCursor(bytes)
        var sum: UInt64?
        while var line = cursor.line() {
            guard let name = line.word(), name.equals("low"), let pages = line.integer(), pages <= 1 << 40 else {
                continue
            }
            sum = (sum ?? 0) &+ pages
        }
        return sum
    }
}
