internal import Glibc

/// Gives the free pages inside this process's own heap back to the kernel (malloc_trim(3)).
struct HeapTrimStep: MemoryStep {
    let name = "heap_trim"

    func plan(_ state: MemoryState, _ host: MemoryHost, isDropping: Bool) -> PlannedStep {
        let free = host.freeHeapBytes()
        return PlannedStep(
            name: name, title: "Return free pages of this process's heap",
            evidence: ["free_heap_bytes": .int(free), "resident_bytes": FactValue(Self.residentBytes(host))],
            // An upper bound: free bytes share pages with used ones.
            estimatedBytes: free, risk: .none, reversibility: .notNeeded)
    }

    func obstacle(_ state: MemoryState, _ host: MemoryHost) -> String? { nil }

    func perform(_ host: MemoryHost) throws -> MemoryChange {
        let before = Self.residentBytes(host)
        let hasReleased = host.trimHeap()
        let after = Self.residentBytes(host)
        return MemoryChange(
            line: hasReleased
                ? "Returned free pages of this process's heap to the kernel"
                : "Trimmed this process's heap; it had no free page to return",
            measured: ["resident_before_bytes": FactValue(before), "resident_after_bytes": FactValue(after)])
    }

    /// Of this process; nil when it cannot be read. Source: proc(5), `/proc/pid/statm`, second field, in pages.
    private static func residentBytes(_ host: MemoryHost) -> Int? {
        guard let words = TextFile.read(host.root + "/proc/self/statm")?.split(separator: " "), words.count > 1 else {
            return nil
        }
        return Int(words[1]).map { $0 * sysconf(Int32(_SC_PAGESIZE)) }
    }
}
