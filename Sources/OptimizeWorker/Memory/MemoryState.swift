internal import Glibc
internal import HostProbe

/// The memory of a host at one moment, as far as it can be read.
struct MemoryState: Sendable {
    var reading: MemoryReading
    var pressure: Pressure?
    var blocks: FreeBlocks?

    /// - Throws: `OptimizationError` when `/proc/meminfo` cannot be read.
    init(root: String) throws {
        let buffer = ReadBuffer()
        do {
            reading = try MemoryProbe(root: root).read(buffer)
        } catch {
            throw OptimizationError(.unavailable, "the host's memory cannot be read: \(error)")
        }
        // Absent on kernels without PSI, and nothing depends on it.
        pressure = try? PressureProbe(.memory, root: root).read(buffer)
        blocks = FreeBlocks(root: root)
    }

    /// What is measured before and after.
    var facts: Facts {
        [
            "total_bytes": FactValue(reading.total), "available_bytes": FactValue(reading.available),
            "free_bytes": FactValue(reading.free), "cached_bytes": FactValue(reading.cached),
            "dirty_bytes": FactValue(reading.dirty), "used_percent": .double(reading.usedPercent),
            "pressure_some_avg10": FactValue(pressure?.some.average10),
            "pressure_full_avg10": FactValue(pressure?.full?.average10),
            "pressure_some_total_us": FactValue(pressure?.some.total),
            "fragmented_percent": FactValue(blocks?.fragmentedPercent),
        ]
    }
}
