internal import Runtime

/// What the sequence of a consumer holds.
///
/// The consumer leaves its queue when the sequence ends, or when it and its last unsettled delivery are released.
final class JobConsumer: BatchSource {
    private let lease: Lease

    init(_ worker: ConsumerWorker) { lease = Lease(worker) }

    func next() async throws(BusError) -> [Delivery]? {
        while let jobs = await lease.worker.mailbox.next() {
            // What the broker has taken back meanwhile is not handed out.
            let deliveries = jobs.lazy.filter(lease.worker.isCurrent).map(delivery)
            if !deliveries.isEmpty { return Array(deliveries) }
        }
        lease.worker.leave()
        return nil
    }

    private func delivery(_ job: ReceivedJob) -> Delivery {
        Delivery(
            queue: lease.worker.queue, message: job.message, attempt: job.attempt, enqueuedAt: job.enqueuedAt
        ) { [lease] settlement in
            lease.worker.settle(job, settlement)
        }
    }

    /// Ends the consumer when nobody holds it any more.
    private final class Lease: Sendable {
        let worker: ConsumerWorker

        init(_ worker: ConsumerWorker) { self.worker = worker }

        deinit { worker.leave() }
    }
}

/// A delivery as it came from the broker.
struct ReceivedJob: Sendable {
    /// Which attachment it came by: nobody else can settle it.
    let feed: JobFeed
    let tag: UInt64
    let message: Message
    let attempt: Int
    let enqueuedAt: Timestamp
}

/// One attachment of a consumer: collects what its channel brings.
///
/// `@unchecked Sendable`: `burst` is only used on the link's thread.
final class JobFeed: ChannelSink, @unchecked Sendable {
    /// Opens when the attachment has ended.
    let ended = Latch()
    private let worker: ConsumerWorker
    private var burst: [ReceivedJob] = []

    init(worker: ConsumerWorker) { self.worker = worker }

    func delivered(_ message: ReceivedMessage) {
        burst.append(
            ReceivedJob(
                feed: self, tag: message.tag, message: message.message, attempt: message.attempt,
                enqueuedAt: message.sentAt(else: worker.transport.time.now)))
    }

    func turnEnded() {
        worker.received(burst, by: self)
        burst.removeAll(keepingCapacity: burst.count <= 1024)
    }

    func cancelled() { ended.open() }

    func closed(_ error: BusError) {
        worker.channelClosed(self)
        ended.open()
    }
}
