/// What a running service is handed: it says when it is ready, and learns when to stop.
package struct Lifecycle: Sendable {
    private let start = Latch()
    private let stop = Latch()

    /// For a service that runs outside of a group, as in a test.
    package init() {}

    /// The service is ready; the next one starts. Idempotent.
    package func started() { start.open() }

    /// Whether a stop was asked.
    package var isStopping: Bool { stop.isOpen }

    /// Returns when a stop is asked, or the task is cancelled.
    package func waitForStop() async { await stop.wait() }

    /// Runs the body in a child task that is cancelled when a stop is asked.
    /// - Returns: The body's value; nil when it ended with `CancellationError` after a stop was asked.
    /// - Throws: What else the body throws.
    package func untilStop<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) async throws -> T? {
        try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask { .some(try await body()) }
            group.addTask {
                await waitForStop()
                return nil
            }
            defer { group.cancelAll() }
            if let value = try await group.next(), let value { return value }
            group.cancelAll()
            do {
                return try await group.next() ?? nil
            } catch is CancellationError {
                return nil
            }
        }
    }

    /// Whether `started()` was called.
    package var isStarted: Bool { start.isOpen }

    /// Asks the service to stop. Idempotent.
    package func requestStop() { stop.open() }

    /// Returns when the service is ready, or the waiting task is cancelled.
    package func waitUntilStarted() async { await start.wait() }
}
