/// The clock that is handed to everything that needs one, so that tests can turn it.
///
/// Safe to use from any task.
package protocol TimeSource: Sendable {
    /// The wall clock; it may jump.
    var now: Timestamp { get }

    /// Time since boot, sleep of the machine included: never goes back, and is the same in every process of this boot.
    var uptime: Duration { get }

    /// Waits until `uptime` reaches the deadline; returns at once when it has.
    /// - Throws: `CancellationError` when the task is cancelled before.
    func sleep(until deadline: Duration) async throws
}

extension TimeSource {
    /// Waits; returns at once for a duration that is not positive.
    /// - Throws: `CancellationError` when the task is cancelled before.
    package func sleep(for duration: Duration) async throws { try await sleep(until: uptime + duration) }
}
