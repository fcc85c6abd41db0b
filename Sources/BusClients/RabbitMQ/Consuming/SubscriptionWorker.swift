internal import Runtime
internal import Synchronization

/// One subscription: reads the history of an exchange from its own offset on, and stays attached across outages.
///
/// What is not taken is bounded: the broker sends no more than `prefetch` events beyond those that are acked, but for
/// the rest of the chunk it is in, and they are acked as they are taken.
final class SubscriptionWorker: LiveConsumer {
    private struct State {
        var feed: EventFeed?
        var channel: Channel?
        var subscription: SubscriptionState
        var isLeaving = false
        var keeper: Task<Void, Never>?
    }

    let mailbox = Mailbox<RecordedEvent>()
    let gone = Latch()
    private let exchange: ExchangeName
    private let transport: RabbitMQTransport
    private let state: Mutex<State>

    private static let prefetch: UInt16 = 1000

    private var link: Link { transport.consuming }

    init(exchange: ExchangeName, patterns: [TopicPattern], from offset: Int64, transport: RabbitMQTransport) {
        self.exchange = exchange
        self.transport = transport
        state = Mutex(State(subscription: SubscriptionState(patterns: patterns, from: offset)))
    }

    /// Attaches for the first time; from then on the subscription stays attached until it leaves.
    /// - Throws: `.unknownExchange`.
    func start() async throws(BusError) {
        let first: Latch
        do throws(BusError) {
            first = try await attach()
        } catch {
            throw error.code == .unknownQueue
                ? BusError(.unknownExchange, "no exchange is called \(exchange), or it has no history") : error
        }
        let keeper = Task { [self] in
            await Attachment.keep("\(exchange)", on: link, first: first) { () throws(BusError) in try await attach() }
        }
        let isLeaving = state.withLock { state in
            state.keeper = keeper
            return state.isLeaving
        }
        if isLeaving { keeper.cancel() }
    }

    private func attach() async throws(BusError) -> Latch {
        let feed = EventFeed(worker: self)
        let channel = try await Channel.open(on: link, sink: feed)
        let (isLeaving, old, offset) = state.withLock { state in
            let old = state.channel
            guard !state.isLeaving else { return (true, old, Int64(0)) }
            (state.feed, state.channel) = (feed, channel)
            return (false, old, state.subscription.attach())
        }
        old?.closeSoon()
        guard !isLeaving else {
            channel.closeSoon()
            throw BusError(.closed, "the subscription has ended")
        }
        try await channel.call([
            .setPrefetch(Self.prefetch),
            .consume(
                BrokerNames.history(exchange), arguments: [AMQPField("x-stream-offset", .integer(offset))]),
        ])
        return feed.ended
    }

    /// What came, on the link's thread.
    func received(_ messages: [ReceivedMessage], by feed: EventFeed) {
        let now = transport.time.now
        let events = state.withLock { state in
            state.feed === feed && !state.isLeaving ? state.subscription.take(messages, now: now) : []
        }
        mailbox.put(events)
        transport.metrics.delivered(messages.count)
        if mailbox.isEmpty { taken() }
    }

    /// Everything that came was taken: more may come.
    func taken() {
        let (channel, tag) = state.withLock { state in
            (state.channel, state.channel == nil ? nil : state.subscription.settle())
        }
        guard let channel, let tag else { return }
        channel.perform { io in io.send(.ack(tag, isMultiple: true), on: channel) }
    }

    func channelClosed(_ feed: EventFeed) {
        let isGone = state.withLock { state in
            guard state.feed === feed else { return false }
            (state.feed, state.channel) = (nil, nil)
            return state.isLeaving
        }
        if isGone { gone.open() }
    }

    /// Ends the subscription. Idempotent.
    func leave() {
        let (isFirst, channel, keeper) = state.withLock { state in
            defer { state.isLeaving = true }
            return (!state.isLeaving, state.channel, state.keeper.take())
        }
        guard isFirst else { return }
        keeper?.cancel()
        mailbox.end()
        transport.consumers.remove(self)
        if let channel { channel.closeSoon() } else { gone.open() }
    }
}
