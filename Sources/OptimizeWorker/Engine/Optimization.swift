/// One kind of optimization of a host: it plans, performs its steps, and measures. One file, or one folder, each.
///
/// Safe to use from any task; several sessions may plan at a time, one performs. What blocks runs in
/// `context.blocking`. An `OptimizationError` ends the session or the step as failed; any other error interrupts the
/// session, which is delivered again.
package protocol Optimization: Sendable {
    /// The `optimization_type` of the contract, such as `memory`.
    var type: String { get }

    /// Reads the host and decides what to do. Writes nothing, except items to the journal.
    func plan(_ context: PlanContext) async throws -> [PlannedStep]

    /// Reads what the optimization is to change; called before the first step and after the last.
    func measure(_ context: PlanContext) async throws -> Facts

    /// Performs one step as it was planned, checking again right before acting that what was planned still holds.
    ///
    /// After a crash a step that had begun is performed again: it must find out what is done already.
    func perform(_ step: PlannedStep, _ context: StepContext) async throws -> StepOutcome

    /// What changed, in names and numbers, from the two measurements.
    func impact(before: Facts, after: Facts, steps: [StepRecord]) -> Facts

    /// How to take it back; nil when nothing was changed that could be.
    func rollback(_ context: RollbackContext) async throws -> Facts?

    /// Events of this optimization's own after a real run, such as `memory.optimized`.
    func events(impact: Facts, duration: Double) -> [(type: String, data: Facts)]

    /// Bytes of memory that a real run freed; nil where that is not its work, or could not be measured.
    func freedMemory(impact: Facts) -> Double?

    /// Bytes of storage that planning looked at; nil where that is not its work, or nothing could be looked at.
    func analyzedStorage(steps: [PlannedStep]) -> Double?
}

extension Optimization {
    package func rollback(_ context: RollbackContext) async throws -> Facts? { nil }

    package func events(impact: Facts, duration: Double) -> [(type: String, data: Facts)] { [] }

    package func freedMemory(impact: Facts) -> Double? { nil }

    package func analyzedStorage(steps: [PlannedStep]) -> Double? { nil }
}
