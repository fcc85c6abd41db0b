package import Contracts
package import Runtime

/// What an optimization may use while it plans and measures.
package struct PlanContext: Sendable {
    package let request: OptimizationRequest
    package let time: any TimeSource
    let thread: BlockingThread
    let journal: Journal
    let isSessionCancelled: @Sendable () -> Bool

    /// Runs what blocks on the session's own thread.
    package func blocking<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await thread.run(work)
    }

    /// Appends items to a step that will be in the plan; `number` is how many it has so far.
    package func add(_ items: [PlannedItem], toStep step: Int, from number: Int) async throws {
        try await journal.add(items, session: request.id, step: step, from: number)
    }

    /// Whether someone cancelled the session; planning may then return what it has.
    package var isCancelled: Bool { isSessionCancelled() }

    /// The request's parameters.
    package func parameters() throws -> Parameters { try Parameters(request.parameters) }
}

/// What an optimization may use to say how to take it back.
package struct RollbackContext: Sendable {
    package let request: OptimizationRequest
    package let steps: [StepRecord]
    let journal: Journal

    /// Items of a step in one state, in order, after one of them.
    package func items(
        step: Int, in state: JournalItem.State, after number: Int, limit: Int
    ) async throws -> [JournalItem] {
        try await journal.items(session: request.id, step: step, in: state, after: number, limit: limit)
    }

    package func totals(step: Int) async throws -> [JournalItem.State: ItemTotal] {
        try await journal.totals(session: request.id, step: step)
    }
}
