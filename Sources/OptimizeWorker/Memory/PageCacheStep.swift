internal import HostProbe

/// Drops clean pages of the page cache (`vm.drop_caches` = 1); only when it is asked for by name.
struct PageCacheStep: MemoryStep {
    let name = "page_cache_drop"
    static let parameter = "drop_page_cache"
    private static let control = "/proc/sys/vm/drop_caches"

    func plan(_ state: MemoryState, _ host: MemoryHost, isDropping: Bool) -> PlannedStep {
        let reason =
            isDropping
            ? obstacle(state, host)
            : "not asked for: the cache is memory at work, and dropping it makes reads slow; \(Self.parameter): true asks"
        return PlannedStep(
            name: name, title: "Drop the clean part of the page cache",
            evidence: [
                "cached_bytes": FactValue(state.reading.cached), "shared_bytes": FactValue(state.reading.shared),
                "dirty_bytes": FactValue(state.reading.dirty),
                "note": "Most of this counts as available already: free memory grows, available memory hardly.",
            ],
            estimatedBytes: droppable(state), risk: .medium, reversibility: .irreversible, skipReason: reason)
    }

    func obstacle(_ state: MemoryState, _ host: MemoryHost) -> String? { host.obstacle(to: Self.control) }

    func perform(_ host: MemoryHost) throws -> MemoryChange {
        try host.write("1", to: Self.control)
        return MemoryChange(line: "Dropped the clean part of the page cache")
    }

    /// The cache without tmpfs, shared memory and what must be written first: an upper bound, as mapped pages stay.
    private func droppable(_ state: MemoryState) -> Int? {
        guard let cached = state.reading.cached else { return nil }
        let kept = (state.reading.shared ?? 0) + (state.reading.dirty ?? 0)
        return Int(clamping: cached - min(cached, kept))
    }
}
