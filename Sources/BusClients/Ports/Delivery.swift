public import Runtime

/// A job in the hands of one consumer, to be settled once.
///
/// Settling is sent, not awaited: if the process, the connection or the disk fails before it takes effect, the job is
/// delivered again. Settling a second time, or after the lease was lost, has no effect.
public struct Delivery: Sendable {
    /// The queue that the job came from.
    public let queue: QueueName
    /// The message, as it was enqueued.
    public let message: Message
    /// 1 on the first delivery.
    public let attempt: Int
    /// Whether the job may have been delivered before, by whichever consumer.
    public var isRedelivered: Bool { attempt > 1 }
    /// When the job was enqueued, by the bus's wall clock.
    public let enqueuedAt: Timestamp

    private let settle: @Sendable (Settlement) -> Void
    private let progress: @Sendable () -> Void

    /// A delivery as a transport or a test makes one.
    /// - Parameters:
    ///   - queue: The queue that the job came from.
    ///   - message: The message, as it was enqueued.
    ///   - attempt: 1 on the first delivery.
    ///   - enqueuedAt: When the job was enqueued.
    ///   - settle: Called with every settlement; only the first takes effect.
    ///   - progress: Called when the worker says that it moves.
    public init(
        queue: QueueName, message: Message, attempt: Int, enqueuedAt: Timestamp,
        settle: @escaping @Sendable (Settlement) -> Void, progress: @escaping @Sendable () -> Void = {}
    ) {
        self.queue = queue
        self.message = message
        self.attempt = attempt
        self.enqueuedAt = enqueuedAt
        self.settle = settle
        self.progress = progress
    }

    /// The same delivery, watched: the closures are called before the transport settles.
    func watched(
        settling: @escaping @Sendable () -> Void, progressing: @escaping @Sendable () -> Void
    ) -> Delivery {
        Delivery(
            queue: queue, message: message, attempt: attempt, enqueuedAt: enqueuedAt,
            settle: { [settle] settlement in
                settling()
                settle(settlement)
            }, progress: progressing)
    }

    /// The work goes on: work of many seconds says so now and then, or it counts as stuck (`BusHealth.isReady`).
    public func inProgress() { progress() }

    /// The work is done: removes the job.
    public func ack() { settle(.ack) }

    /// The work failed for now: the job is delivered again after the delay, or goes to the dead letters with the
    /// reason if this was its last attempt.
    public func retry(after delay: Duration, reason: String) { settle(.retry(after: delay, reason: reason)) }

    /// The work can never succeed: the job goes to the dead letters with the reason.
    public func reject(reason: String) { settle(.reject(reason: reason)) }
}

/// How a delivery ends.
public enum Settlement: Sendable, Hashable {
    /// The work is done: removes the job.
    case ack
    /// The work failed for now: the job comes again after the delay, or goes to the dead letters with the reason if this
    /// was its last attempt.
    case retry(after: Duration, reason: String)
    /// The work can never succeed: the job goes to the dead letters with the reason.
    case reject(reason: String)
}

/// The deliveries of one consumer.
public typealias Deliveries = Batches<Delivery>
