internal import Runtime

/// What the sequence of a subscription holds; the subscription ends when it is released.
final class EventStreamSubscription: BatchSource {
    private let worker: SubscriptionWorker

    init(_ worker: SubscriptionWorker) { self.worker = worker }

    deinit { worker.leave() }

    func next() async throws(BusError) -> [RecordedEvent]? {
        guard let events = await worker.mailbox.next() else {
            worker.leave()
            return nil
        }
        worker.taken()
        return events
    }
}

/// One attachment of a subscription: collects what its channel brings.
///
/// `@unchecked Sendable`: `burst` is only used on the link's thread.
final class EventFeed: ChannelSink, @unchecked Sendable {
    /// Opens when the attachment has ended.
    let ended = Latch()
    private let worker: SubscriptionWorker
    private var burst: [ReceivedMessage] = []

    init(worker: SubscriptionWorker) { self.worker = worker }

    func delivered(_ message: ReceivedMessage) { burst.append(message) }

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
