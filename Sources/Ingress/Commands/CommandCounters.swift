internal import Runtime
internal import Synchronization

/// What this ingress has done with commands since it started.
final class CommandCounters: Sendable {
    /// A reading of the counters.
    struct Snapshot: Sendable {
        var accepted = 0
        var failed = 0
        /// A code of the bus, and when.
        var lastError: (reason: String, at: Timestamp)?
    }

    private let state = Mutex(Snapshot())
    private let acceptedTotal: Counter.Handle
    private let failedTotal: Counter.Handle

    init(_ metrics: MetricsRegistry) {
        acceptedTotal =
            metrics.counter("flotilla_commands_accepted_total", help: "Commands that were made durable.").labelled([])
        failedTotal =
            metrics.counter("flotilla_commands_refused_total", help: "Commands that the bus could not take.")
            .labelled([])
    }

    func accepted(_ count: Int) {
        acceptedTotal.increment(by: Double(count))
        state.withLock { $0.accepted += count }
    }

    func failed(_ count: Int, reason: String, at time: Timestamp) {
        failedTotal.increment(by: Double(count))
        state.withLock { state in
            state.failed += count
            state.lastError = (reason, time)
        }
    }

    var snapshot: Snapshot { state.withLock { $0 } }
}
