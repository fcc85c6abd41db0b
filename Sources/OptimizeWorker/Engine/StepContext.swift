package import Contracts
package import Runtime

/// What an optimization may use while it performs a step.
package struct StepContext: Sendable {
    package let request: OptimizationRequest
    /// Which step of the plan it is, from 0.
    package let number: Int
    package let time: any TimeSource
    let thread: BlockingThread
    let journal: Journal
    let isSessionCancelled: @Sendable () -> Bool
    let reportProgress: @Sendable (_ done: Int, _ total: Int) async throws -> Void

    /// Runs what blocks on the session's own thread.
    package func blocking<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await thread.run(work)
    }

    /// Whether someone cancelled the session: the step ends as soon as it can, as cancelled.
    package var isCancelled: Bool { isSessionCancelled() }

    /// Throws `CancellationError` when the worker stops: the step goes on in another run.
    package func checkStop() throws { try Task.checkCancellation() }

    /// Items of this step in one state, in order, after one of them.
    package func items(in state: JournalItem.State, after number: Int, limit: Int) async throws -> [JournalItem] {
        try await journal.items(session: request.id, step: self.number, in: state, after: number, limit: limit)
    }

    /// Writes down how items stand now; returns once that is durable.
    package func settle(_ items: [JournalItem]) async throws {
        guard !items.isEmpty else { return }
        try await journal.settle(items, session: request.id, step: number)
    }

    package func totals() async throws -> [JournalItem.State: ItemTotal] {
        try await journal.totals(session: request.id, step: number)
    }

    /// Tells how far the step is; at most one event a second goes out.
    package func progress(_ done: Int, of total: Int) async throws { try await reportProgress(done, total) }

    package func parameters() throws -> Parameters { try Parameters(request.parameters) }
}
