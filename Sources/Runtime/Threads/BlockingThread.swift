/// One thread for life, for a C library that blocks or belongs to one thread.
///
/// Work runs in the order it was handed over, one at a time. An actor pins itself to the thread with
/// `nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }`, keeping the thread in
/// a stored property. What waits is not bounded here: whoever hands over work bounds it.
package final class BlockingThread: SerialExecutor {
    private let core: BlockingThreadCore

    /// Starts the thread.
    /// - Parameter name: As `ps -L` and debuggers show it; cut to 15 bytes.
    package init(name: String) { core = BlockingThreadCore(name: name) }

    deinit { core.stop(joining: false) }

    /// Whether the caller runs on this thread.
    package var isCurrent: Bool { core.isCurrent }

    /// Runs work on the thread and returns its result. Cancelling the caller does not interrupt it.
    /// - Throws: What the work throws, or `BlockingThreadStopped` when the thread had been stopped.
    package func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let isAccepted = core.submit { continuation.resume(with: Result(catching: work)) }
            if !isAccepted { continuation.resume(throwing: BlockingThreadStopped(name: core.name)) }
        }
    }

    /// Hands over work and returns at once.
    /// - Returns: False when the thread had been stopped: then the work never runs.
    @discardableResult
    package func submit(_ work: @escaping @Sendable () -> Void) -> Bool { core.submit(work) }

    /// Refuses new work, performs what was handed over, and waits until the thread has ended. Idempotent.
    ///
    /// On the thread itself it does not wait. Of several callers only the first waits. An actor that is used after its
    /// thread was stopped still runs one call at a time, on a short-lived thread.
    package func stop() { core.stop(joining: true) }

    package func enqueue(_ job: consuming ExecutorJob) { core.enqueue(job) }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { core.asUnownedSerialExecutor() }

    package func checkIsolated() { core.checkIsolated() }

    package func isIsolatingCurrentContext() -> Bool? { core.isCurrent }
}

/// The thread was stopped before the work was handed over.
package struct BlockingThreadStopped: Error, Hashable, CustomStringConvertible {
    /// The thread's name.
    package let name: String

    package var description: String { "thread \(name) has stopped" }
}
