internal import Contracts
internal import Runtime
internal import SQLiteKit
internal import Synchronization

/// How long commands take from end to end, by the times in their records: whichever processes they went through.
///
/// Only what happened since this process began counts, so that a view that is rebuilt does not count a week again. Where
/// the clock of one process is so far ahead of another's that a time would be negative, it is left out.
final class CommandDurations: Sendable {
    /// Seconds: a device may be reached after an hour.
    private static let buckets = Histogram.defaultBuckets + [30, 60, 300, 900, 3600]
    /// Devices' answers that may wait for their commands.
    private static let capacity = 4096

    /// What one batch of records says, counted once it is committed.
    struct Batch: Sendable {
        fileprivate var publishing: [Duration] = []
        fileprivate var acknowledging: [Duration] = []
    }

    private let start: Timestamp
    private let publishing: Histogram.Handle
    private let acknowledging: Histogram.Handle
    /// When devices acknowledged commands that the view does not know as published yet; beyond the bound all are
    /// forgotten, because answers to unknown commands would stay for ever.
    private let early = Mutex<[String: Timestamp]>([:])

    init(_ metrics: MetricsRegistry, since start: Timestamp) {
        self.start = start
        publishing =
            metrics.histogram(
                "flotilla_command_accepted_to_published_seconds",
                help: "From accepting a command to its record on the log, by the times in its records.",
                buckets: Self.buckets
            ).labelled([])
        acknowledging =
            metrics.histogram(
                "flotilla_command_published_to_acknowledged_seconds",
                help:
                    "From a command's record on the log to the device's acknowledgement, by the times of the records.",
                buckets: Self.buckets
            ).labelled([])
    }

    func published(_ command: PublishedCommands.Command, at: Timestamp, _ batch: inout Batch) {
        guard at >= start else { return }
        batch.publishing.append(at.duration(since: command.acceptedAt))
        let acknowledged = early.withLock { $0.isEmpty ? nil : $0.removeValue(forKey: command.requestID) }
        if let acknowledged { batch.acknowledging.append(acknowledged.duration(since: at)) }
    }

    /// A device has answered; called before its step is stored. Only the first acknowledgement counts.
    func answered(
        _ step: CommandTransition, _ requestID: String, _ connection: Connection, _ batch: inout Batch
    ) throws {
        guard step.state == .acknowledged, step.at >= start else { return }
        switch try connection.acknowledgement(of: requestID) {
        case .known: return
        case .awaited(let publishedAt): batch.acknowledging.append(step.at.duration(since: publishedAt))
        case .early:
            early.withLock { early in
                if early.count >= Self.capacity { early.removeAll() }
                if early[requestID] == nil { early[requestID] = step.at }
            }
        }
    }

    func count(_ batch: Batch) {
        for duration in batch.publishing where duration >= .zero { publishing.observe(duration) }
        for duration in batch.acknowledging where duration >= .zero { acknowledging.observe(duration) }
    }
}
