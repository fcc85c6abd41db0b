internal import Runtime
internal import Synchronization

/// One consumer of a queue: stays attached across outages, and settles what it is told to.
final class ConsumerWorker: LiveConsumer {
    private struct State {
        /// The present attachment and its channel.
        var feed: JobFeed?
        var channel: Channel?
        var settlements = SettlementMerge()
        /// Jobs to publish elsewhere before they are settled.
        var forwards: [Forward] = []
        var isForwarding = false
        var isFlushing = false
        var isLeaving = false
        var keeper: Task<Void, Never>?

        /// The channel on which settlements wait to be sent, once for all that come until then.
        mutating func channelToFlush() -> Channel? {
            guard !isFlushing, let channel else { return nil }
            isFlushing = true
            return channel
        }
    }

    let queue: QueueName
    let mailbox = Mailbox<ReceivedJob>()
    let transport: RabbitMQTransport
    let gone = Latch()
    private let prefetch: UInt16
    private let state = Mutex(State())

    var link: Link { transport.consuming }

    /// - Parameter prefetch: Cut to 1 … 65,535, as AMQP has it.
    init(queue: QueueName, prefetch: Int, transport: RabbitMQTransport) {
        self.queue = queue
        self.prefetch = UInt16(clamping: max(1, prefetch))
        self.transport = transport
    }

    /// Attaches for the first time; from then on the consumer stays attached until it leaves.
    func start() async throws(BusError) {
        let first = try await attach()
        let keeper = Task { [self] in
            await Attachment.keep("\(queue)", on: link, first: first) { () throws(BusError) in try await attach() }
        }
        let isLeaving = state.withLock { state in
            state.keeper = keeper
            return state.isLeaving
        }
        if isLeaving { keeper.cancel() }
    }

    /// Deliveries in this consumer's hands.
    var unsettled: (count: Int, oldest: Timestamp?) {
        state.withLock { ($0.settlements.count, $0.settlements.oldest) }
    }

    func isCurrent(_ job: ReceivedJob) -> Bool { state.withLock { $0.feed === job.feed } }

    private func attach() async throws(BusError) -> Latch {
        do {
            return try await attachOnce()
        } catch {
            // A queue that was deleted comes back if this client knows how it was declared.
            guard error.code == .unknownQueue, let options = transport.topology.options(of: queue) else { throw error }
            try await transport.topology.declare(queue, options, on: link)
            return try await attachOnce()
        }
    }

    private func attachOnce() async throws(BusError) -> Latch {
        let feed = JobFeed(worker: self)
        let channel = try await Channel.open(on: link, sink: feed)
        let (isLeaving, old) = state.withLock { state in
            let old = state.channel
            if !state.isLeaving {
                (state.feed, state.channel) = (feed, channel)
                (state.settlements, state.forwards, state.isFlushing) = (SettlementMerge(), [], false)
            }
            return (state.isLeaving, old)
        }
        old?.closeSoon()
        guard !isLeaving else {
            channel.closeSoon()
            throw BusError(.closed, "the consumer has left")
        }
        mailbox.removeAll()
        // The broker says that it consumes before it does; the answer to the last request comes afterwards.
        try await channel.call(
            [.setPrefetch(prefetch), .consume(queue.rawValue, arguments: []), .setPrefetch(prefetch)],
            within: Attachment.patience)
        return feed.ended
    }
}

// What comes, on the link's thread.
extension ConsumerWorker {
    func received(_ jobs: [ReceivedJob], by feed: JobFeed) {
        let isCurrent = state.withLock { state in
            guard state.feed === feed, !state.isLeaving else { return false }
            for job in jobs { state.settlements.deliver(job.tag, enqueuedAt: job.enqueuedAt) }
            return true
        }
        if isCurrent { mailbox.put(jobs) }
        transport.metrics.delivered(jobs.count)
    }

    func channelClosed(_ feed: JobFeed) {
        state.withLock { state in
            guard state.feed === feed else { return }
            (state.feed, state.channel, state.settlements) = (nil, nil, SettlementMerge())
        }
        mailbox.removeAll()
    }
}

// Settling.
extension ConsumerWorker {
    /// Settles a delivery; has no effect when it was settled before, or its channel is gone.
    func settle(_ job: ReceivedJob, _ settlement: Settlement) {
        transport.metrics.settled(settlement)
        let outcome =
            settlement == .ack
            ? .done
            : Forward.outcome(
                of: settlement, job, queue, limit: transport.topology.options(of: queue)?.maximumAttempts,
                now: transport.time.now)
        let (mustForward, channel) = state.withLock { state -> (Bool, Channel?) in
            guard state.feed === job.feed, state.settlements.isOpen(job.tag) else { return (false, nil) }
            switch outcome {
            case .done: state.settlements.ack(job.tag)
            case .again: state.settlements.giveBack(job.tag)
            case .elsewhere(let forward):
                state.settlements.hold(job.tag)
                state.forwards.append(forward)
                defer { state.isForwarding = true }
                return (!state.isForwarding, nil)
            }
            return (false, state.channelToFlush())
        }
        flushSoon(on: channel)
        // Ends by itself when nothing is left to forward.
        if mustForward { Task { await self.forward() } }
    }

    /// Sends settlements with the next turn of the link.
    private func flushSoon(on channel: Channel?) {
        channel?.perform { [self] io in flush(channel, io) }
    }

    private func flush(_ channel: Channel?, _ io: LinkIO) {
        guard let channel else { return }
        let requests = state.withLock { state in
            guard state.channel === channel else { return [AMQPRequest]() }
            state.isFlushing = false
            return state.settlements.take()
        }
        for request in requests { io.send(request, on: channel) }
    }

    /// Publishes jobs elsewhere, and settles each when that is durable.
    private func forward() async {
        while true {
            let (batch, feed) = state.withLock { state in
                defer { state.forwards = [] }
                if state.forwards.isEmpty { state.isForwarding = false }
                return (state.forwards, state.feed)
            }
            guard !batch.isEmpty else { break }
            var left = batch
            while !left.isEmpty, state.withLock({ $0.feed === feed && feed != nil }) {
                left = await forwardOnce(left)
                // Without a way out the jobs stay in hand: giving them back would only bring them again at once.
                if !left.isEmpty {
                    guard !state.withLock({ $0.isLeaving }), await transport.publishing.gate.untilReady() != nil
                    else { break }
                }
            }
        }
        if state.withLock({ $0.isLeaving }) { await closeChannel() }
    }

    /// - Returns: What cannot be published now.
    private func forwardOnce(_ forwards: [Forward]) async -> [Forward] {
        var failures = await transport.ensureDelays(of: forwards, queue)
        let ready = forwards.indices.filter { failures[$0] == nil }
        let outcome = await transport.publisher.deliver(ready.map { forwards[$0].outgoing })
        for (place, index) in ready.enumerated() { failures[index] = outcome[place] }
        var left: [Forward] = []
        var refusal: BusError?
        state.withLock { state in
            for (index, forward) in forwards.enumerated() {
                guard state.feed === forward.job.feed else { continue }
                switch failures[index]?.code {
                case nil: state.settlements.ack(forward.job.tag)
                case .unavailable: left.append(forward.again)
                default:
                    refusal = failures[index]
                    state.settlements.giveBack(forward.job.tag)
                }
            }
        }
        if let refusal {
            link.logger.warning("rabbitmq_forward_failed", ["queue": "\(queue)", "error": "\(refusal)"])
        }
        flushSoon(on: state.withLock { $0.channelToFlush() })
        return left
    }
}

// Leaving.
extension ConsumerWorker {
    /// Ends the consumer: what was settled takes effect, the rest returns to the queue. Idempotent.
    func leave() {
        let (isFirst, isForwarding, keeper) = state.withLock { state in
            defer { state.isLeaving = true }
            return (!state.isLeaving, state.isForwarding, state.keeper.take())
        }
        guard isFirst else { return }
        keeper?.cancel()
        mailbox.end()
        transport.consumers.remove(self)
        // Whoever forwards closes the channel when that is done; this ends by itself as well.
        if !isForwarding { Task { await self.closeChannel() } }
    }

    private func closeChannel() async {
        defer { gone.open() }
        let (channel, isAllSettled) = state.withLock { ($0.channel, $0.settlements.count == 0) }
        guard let channel else { return }
        channel.perform { [self] io in flush(channel, io) }
        // A queue with a single active consumer would go on with the next one before this one's jobs are back.
        let mayEndFirst = transport.topology.options(of: queue).map { !$0.singleActiveConsumer } ?? false
        if isAllSettled || mayEndFirst { await channel.settle() }
        await channel.close()
    }
}
