import Contracts
import Runtime

/// What the pusher counts.
struct PusherMetrics: Sendable {
    private let commands: Counter
    private let retries: Counter
    private let rejected: Counter
    private let delay: Histogram

    init(_ registry: MetricsRegistry) {
        commands = registry.counter(
            "flotilla_commands_pushed_total", help: "Commands that left the queue, by what became of them.",
            labels: ["outcome"])
        retries = registry.counter(
            "flotilla_command_push_retries_total", help: "Attempts to push a batch that failed and were repeated.")
        rejected = registry.counter(
            "flotilla_command_jobs_rejected_total", help: "Command jobs that could not be read.")
        delay = registry.histogram(
            "flotilla_command_publish_seconds", help: "Time from accepting a command to its record, one of each batch.")
    }

    func pushed(_ batch: PushBatch) {
        var published = 0
        var duplicates = 0
        var expired = 0
        var failed = 0
        var cancelled = 0
        for line in batch.lines {
            switch line.outcome {
            case .published(_, _, let isNew): if isNew { published += 1 } else { duplicates += 1 }
            case .expired: expired += 1
            case .failed: failed += 1
            case .cancelled: cancelled += 1
            case .pending: duplicates += 1
            }
        }
        for (outcome, count) in [
            ("published", published), ("duplicate", duplicates), ("expired", expired), ("failed", failed),
            ("cancelled", cancelled),
        ] where count > 0 {
            commands.increment(by: Double(count), [outcome])
        }
        if let first = batch.lines.first, case .published(_, let at, true) = first.outcome {
            delay.observe(at.duration(since: first.envelope.acceptedAt) / .seconds(1))
        }
    }

    func retried() { retries.increment() }

    func rejected(_ count: Int) { rejected.increment(by: Double(count)) }
}
