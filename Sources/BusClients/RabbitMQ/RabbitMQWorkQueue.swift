internal import Runtime

/// `WorkQueue` on RabbitMQ's quorum queues.
///
/// - A queue `Q` comes with `Q.dead`, which its dead letters go to through the exchange `dead_letters`, and with
///   `Q.retry.1s`, `Q.retry.2s` … for delayed retries, made when first needed. All are quorum queues.
/// - `WorkQueueOptions.leaseDuration` has no counterpart: a delivery returns when its connection or channel ends, or
///   after the broker's `consumer_timeout` (30 minutes by default).
/// - `maximumAttempts` holds across delayed retries for consumers of a client that has declared the queue; others leave
///   the count to the broker, which begins anew after each delay.
/// - What the broker takes back from a lost connection counts as an attempt, whether a worker saw it or not.
/// - A message of another producer without a message id gets one made from its body.
/// - Header names have at most 255 bytes, headers 64 KiB; `CC` and `BCC` are the broker's own.
final class RabbitMQWorkQueue: WorkQueue {
    private let transport: RabbitMQTransport

    let features = WorkQueueFeatures(
        deduplicatesWaitingJobs: false, enqueuesAllOrNone: false, boundsLengthExactly: false,
        keepsPlaceAfterDelay: false, changesOptions: false, namesEveryQueue: false)

    var connection: ConnectionHealth { transport.health }

    init(_ transport: RabbitMQTransport) { self.transport = transport }

    func declare(_ queue: QueueName, _ options: WorkQueueOptions) async throws(BusError) {
        try BrokerNames.validate(queue)
        try await transport.topology.declare(queue, options, on: transport.consuming)
    }

    func enqueue(_ jobs: [Job], to queue: QueueName) async throws(BusError) {
        try BrokerNames.validate(queue)
        let own = OwnHeaders(sentAt: transport.time.now.microseconds)
        let messages = jobs.map { job in
            Outgoing(
                routingKey: queue.rawValue, message: job.message, own: own,
                expiration: job.timeToLive.map(Outgoing.expiration))
        }
        for message in messages { try message.validate() }
        try await transport.publisher.publish(messages)
    }

    func consume(_ queue: QueueName, prefetch: Int) async throws(BusError) -> Deliveries {
        try BrokerNames.validate(queue)
        let worker = ConsumerWorker(queue: queue, prefetch: prefetch, transport: transport)
        let consumer = JobConsumer(worker)
        transport.consumers.add(worker)
        do {
            try await worker.start()
        } catch {
            worker.leave()
            throw error
        }
        return Deliveries(consumer)
    }

    /// The broker counts `ready`, `delayed`, `deadLetters` and `consumers`. It does not tell what others have in hand:
    /// `inFlight` and `oldestAge` are those of this client's own deliveries.
    func status(of queue: QueueName) async throws(BusError) -> WorkQueueStatus {
        try BrokerNames.validate(queue)
        return try await QueueInspection(queue: queue, transport: transport).status()
    }

    func deadLetters(
        of queue: QueueName, after: DeadLetter.ID?, limit: Int
    ) async throws(BusError) -> [DeadLetter] {
        try await deadLetters(queue).list(after: after, limit: limit)
    }

    func replay(_ letters: [DeadLetter.ID], of queue: QueueName) async throws(BusError) -> Int {
        try await deadLetters(queue).replay(letters)
    }

    func drop(_ letters: [DeadLetter.ID], of queue: QueueName) async throws(BusError) -> Int {
        try await deadLetters(queue).drop(letters)
    }

    private func deadLetters(_ queue: QueueName) throws(BusError) -> DeadLetterReader {
        try BrokerNames.validate(queue)
        return DeadLetterReader(queue: queue, transport: transport)
    }

    func queueNames() async throws(BusError) -> [QueueName] { transport.topology.queueNames }
}
