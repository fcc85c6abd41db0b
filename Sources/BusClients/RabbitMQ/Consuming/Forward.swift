internal import Runtime

/// A job that is published elsewhere before its delivery is acked: to the dead letters, or to a delay queue.
struct Forward: Sendable {
    let job: ReceivedJob
    var outgoing: Outgoing
    /// The delay queue that must exist.
    var bucket: DelayBucket?

    /// What becomes of a delivery.
    enum Outcome: Sendable {
        case done
        /// It comes back at once, in its place.
        case again
        case elsewhere(Forward)
    }

    /// The same job once more: the first try may have reached the broker.
    var again: Forward {
        var again = self
        again.outgoing.own.isResent = true
        return again
    }

    /// Bytes of a reason that are kept.
    private static let maximumReasonBytes = 4096

    /// - Parameter limit: The deliveries a job may have; nil when the queue was declared by others: then the broker
    ///   counts, but not across delayed retries.
    static func outcome(
        of settlement: Settlement, _ job: ReceivedJob, _ queue: QueueName, limit: Int?, now: Timestamp
    ) -> Outcome {
        switch settlement {
        case .ack: .done
        case .reject(let reason): .elsewhere(dead(job, queue, reason, now))
        case .retry(_, let reason) where job.attempt >= limit ?? .max:
            .elsewhere(dead(job, queue, "attempts exhausted: \(reason)", now))
        case .retry(let delay, _): delay <= .zero ? .again : .elsewhere(delayed(job, queue, delay))
        }
    }

    private static func dead(_ job: ReceivedJob, _ queue: QueueName, _ reason: String, _ now: Timestamp) -> Forward {
        let own = OwnHeaders(
            sentAt: job.enqueuedAt.microseconds, attempts: job.attempt,
            reason: String(decoding: reason.utf8.prefix(maximumReasonBytes), as: UTF8.self),
            diedAt: now.microseconds)
        return Forward(
            job: job,
            outgoing: Outgoing(
                exchange: BrokerNames.deadLetters, routingKey: queue.rawValue, message: job.message, own: own))
    }

    private static func delayed(_ job: ReceivedJob, _ queue: QueueName, _ delay: Duration) -> Forward {
        let bucket = DelayBucket.of(delay)
        let own = OwnHeaders(sentAt: job.enqueuedAt.microseconds, attempts: job.attempt)
        return Forward(
            job: job,
            outgoing: Outgoing(
                routingKey: BrokerNames.delay(queue, bucket), message: job.message, own: own,
                expiration: Outgoing.expiration(of: delay)),
            bucket: bucket)
    }
}
