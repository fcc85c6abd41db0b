/// Moves used pages together so that large blocks are free again (`vm.compact_memory`, kernel documentation,
/// admin-guide/sysctl/vm).
struct CompactionStep: MemoryStep {
    let name = "compaction"
    private static let control = "/proc/sys/vm/compact_memory"
    /// Half of the free memory too scattered for a huge page.
    static let minimumPercent = 50.0

    func plan(_ state: MemoryState, _ host: MemoryHost, isDropping: Bool) -> PlannedStep {
        PlannedStep(
            name: name, title: "Compact free memory into large blocks",
            evidence: [
                "fragmented_percent": FactValue(state.blocks?.fragmentedPercent),
                "minimum_percent": .double(Self.minimumPercent),
                "free_blocks_by_order": .list(state.blocks?.counts.map(FactValue.int) ?? []),
            ],
            // Compaction moves memory; it does not free any.
            estimatedBytes: 0, risk: .low, reversibility: .notNeeded, skipReason: obstacle(state, host))
    }

    func obstacle(_ state: MemoryState, _ host: MemoryHost) -> String? {
        guard let blocks = state.blocks, let percent = blocks.fragmentedPercent else {
            return "/proc/buddyinfo does not say how scattered the free memory is"
        }
        guard percent >= Self.minimumPercent else {
            return "only \(Int(percent)) % of the free memory is in small blocks"
        }
        return host.obstacle(to: Self.control)
    }

    func perform(_ host: MemoryHost) throws -> MemoryChange {
        try host.write("1", to: Self.control)
        return MemoryChange(line: "Compacted free memory into large blocks")
    }
}
