/// One thing that the memory optimization can do. Blocks; runs on the session's thread.
protocol MemoryStep: Sendable {
    var name: String { get }

    /// The step with its evidence, or with why it is skipped. Changes nothing.
    func plan(_ state: MemoryState, _ host: MemoryHost, isDropping: Bool) -> PlannedStep

    /// Why it is not to be done now; nil when it is. Asked again right before acting.
    func obstacle(_ state: MemoryState, _ host: MemoryHost) -> String?

    /// Does it.
    /// - Throws: `OptimizationError`.
    func perform(_ host: MemoryHost) throws -> MemoryChange
}

/// What a step did.
struct MemoryChange: Sendable {
    /// One honest line.
    var line: String
    var measured: Facts = [:]
}
