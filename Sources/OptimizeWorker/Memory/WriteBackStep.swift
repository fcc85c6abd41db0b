internal import HostProbe

/// Writes dirty pages to their files (sync(2)), so that they can be reclaimed without waiting for a disk.
struct WriteBackStep: MemoryStep {
    let name = "write_back"
    /// 64 MiB: below, the kernel's own flusher has it written within its 30 s.
    static let minimumBytes: UInt64 = 64 << 20

    func plan(_ state: MemoryState, _ host: MemoryHost, isDropping: Bool) -> PlannedStep {
        PlannedStep(
            name: name, title: "Write dirty pages to their files",
            evidence: ["dirty_bytes": FactValue(state.reading.dirty), "minimum_bytes": FactValue(Self.minimumBytes)],
            // It frees nothing by itself: it makes what it writes reclaimable at once.
            estimatedBytes: 0, risk: .low, reversibility: .notNeeded, skipReason: obstacle(state, host))
    }

    func obstacle(_ state: MemoryState, _ host: MemoryHost) -> String? {
        guard let dirty = state.reading.dirty else { return "the kernel does not say how much is dirty" }
        guard dirty >= Self.minimumBytes else {
            return "only \(dirty >> 20) MiB are dirty; the kernel writes them soon by itself"
        }
        return nil
    }

    func perform(_ host: MemoryHost) throws -> MemoryChange {
        host.synchronize()
        return MemoryChange(line: "Wrote dirty pages to their files")
    }
}
