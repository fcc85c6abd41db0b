import BusClients
import Contracts
import Runtime
import Synchronization

/// Puts samples on the bus, apart from taking them: a bus that is slow or away delays no sample.
///
/// Samples wait up to a bound and go in their order. A transport that appended a part of them before it failed gets
/// that part again: readers know a sample by host and timestamp.
final class SampleSender: Sendable {
    private let log: any MessageLog
    private let topic = Topic(StreamNames.hostMetrics)
    private let topicOptions: TopicOptions
    private let time: any TimeSource
    private let metrics: SamplingMetrics
    private let logger: Logger
    private let unsent: Mutex<UnsentSamples<LogRecord>>
    /// One wake-up is kept for a sender that is not waiting yet.
    private let wakeUps: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation
    private let backoff = RetryPolicy(initial: .milliseconds(500), maximum: .seconds(10))

    init(
        _ log: any MessageLog, configuration: MetricsWorkerConfiguration, time: any TimeSource,
        metrics: SamplingMetrics, logger: Logger
    ) {
        self.log = log
        topicOptions = configuration.topicOptions
        self.time = time
        self.metrics = metrics
        self.logger = logger
        unsent = Mutex(UnsentSamples(limit: configuration.unsentLimit))
        (wakeUps, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Hands over a sample; at the bound the oldest one is dropped.
    func add(_ record: LogRecord) {
        let (count, dropped) = unsent.withLock { unsent in
            let dropped = unsent.add(record)
            return (unsent.count, dropped)
        }
        metrics.unsent.set(Double(count))
        if dropped > 0 { metrics.dropped.increment(by: Double(dropped)) }
        wakeUp.yield()
    }

    /// Sends until the task is cancelled.
    /// - Throws: `CancellationError`, or the bus's error when it is of no further use.
    func run() async throws {
        var failures = 0
        for await _ in wakeUps {
            while true {
                let records = unsent.withLock { $0.take() }
                if records.isEmpty { break }
                do throws(BusError) {
                    _ = try await log.append(records, to: topic)
                    settle { $0.finish() }
                    if failures > 0 { logger.notice("metrics_append_recovered", ["failures": .init(failures)]) }
                    failures = 0
                } catch {
                    failures += 1
                    try await handle(error, failures: failures)
                }
            }
        }
        throw CancellationError()
    }

    /// Waits before the next attempt. Only the first failure of an episode is logged.
    private func handle(_ error: BusError, failures: Int) async throws {
        metrics.appendFailures.increment()
        if error.isFatal || Task.isCancelled {
            settle { $0.keep() }
            throw error
        }
        if failures == 1 { logger.warning("metrics_append_failed", ["reason": "\(error)"]) }
        if error.code == .messageTooLarge {
            // No later attempt can succeed, and what comes after must not wait for it.
            metrics.dropped.increment(by: Double(settle { $0.finish() }))
            return
        }
        settle { $0.keep() }
        if error.code == .unknownTopic, await createTopic() { return }
        try await time.sleep(for: backoff.delay(attempt: failures) ?? backoff.maximum)
    }

    private func createTopic() async -> Bool {
        do throws(BusError) {
            try await log.createTopic(topic, topicOptions)
            return true
        } catch {
            logger.debug("metrics_topic_not_created", ["reason": "\(error)"])
            return false
        }
    }

    @discardableResult
    private func settle<T: Sendable>(_ change: (inout UnsentSamples<LogRecord>) -> T) -> T {
        let (value, count) = unsent.withLock { unsent in
            let value = change(&unsent)
            return (value, unsent.count)
        }
        metrics.unsent.set(Double(count))
        return value
    }
}
