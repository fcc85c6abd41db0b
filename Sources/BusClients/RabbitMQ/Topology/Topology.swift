internal import Runtime
internal import Synchronization

/// All that this client has declared, so that it can be declared again on every new connection.
///
/// A broker that is killed right after a declaration may have forgotten it, and a queue may be deleted by others.
final class Topology: Sendable {
    private struct State {
        var queues: [QueueName: WorkQueueOptions] = [:]
        var exchanges: [ExchangeName: EventExchangeOptions] = [:]
        var delays: [QueueName: Set<DelayBucket>] = [:]
        /// When delay queues of others were last looked for, by `uptime`.
        var searched: [QueueName: Duration] = [:]
        /// Exchanges of others that have been seen.
        var verified: Set<String> = []
    }

    private let state = Mutex(State())

    /// The options a queue was declared with by this client.
    func options(of queue: QueueName) -> WorkQueueOptions? { state.withLock { $0.queues[queue] } }

    var queueNames: [QueueName] {
        state.withLock { $0.queues.keys.sorted { $0.rawValue < $1.rawValue } }
    }

    /// The delay queues of a queue that this client has made or found.
    func delays(of queue: QueueName) -> Set<DelayBucket> { state.withLock { $0.delays[queue] ?? [] } }

    /// Whether the place a message is for was declared by this client.
    func knows(_ outgoing: Outgoing) -> Bool {
        state.withLock { state in
            switch outgoing.exchange {
            case "":
                state.queues[QueueName(outgoing.routingKey)] != nil
                    || state.delays.contains { queue, buckets in
                        buckets.contains { BrokerNames.delay(queue, $0) == outgoing.routingKey }
                    } || state.exchanges.keys.contains { BrokerNames.history($0) == outgoing.routingKey }
            case BrokerNames.deadLetters: state.queues[QueueName(outgoing.routingKey)] != nil
            default: state.exchanges[ExchangeName(outgoing.exchange)] != nil
            }
        }
    }

    func declare(_ queue: QueueName, _ options: WorkQueueOptions, on link: Link) async throws(BusError) {
        try await perform(Declarations.queue(queue, options), on: link)
        state.withLock { $0.queues[queue] = options }
    }

    func declare(_ exchange: ExchangeName, _ options: EventExchangeOptions, on link: Link) async throws(BusError) {
        try await perform(Declarations.exchange(exchange, options), on: link)
        state.withLock { $0.exchanges[exchange] = options }
    }

    /// Declares a delay queue unless it is known.
    func ensureDelay(_ queue: QueueName, _ bucket: DelayBucket, on link: Link) async throws(BusError) {
        guard !delays(of: queue).contains(bucket) else { return }
        try await perform(Declarations.delay(queue, bucket), on: link)
        note(bucket, of: queue)
    }

    /// The delay queues that are not known and are to be looked for now: not more often than every 10 s.
    func delaysToSearch(of queue: QueueName, now: Duration) -> [DelayBucket] {
        state.withLock { state in
            if let last = state.searched[queue], now < last + .seconds(10) { return [] }
            state.searched[queue] = now
            return DelayBucket.all.filter { !state.delays[queue, default: []].contains($0) }
        }
    }

    func note(_ bucket: DelayBucket, of queue: QueueName) {
        state.withLock { _ = $0.delays[queue, default: []].insert(bucket) }
    }

    /// Makes sure that an exchange exists, whoever declared it.
    /// - Throws: `.unknownExchange`.
    func verify(_ exchange: ExchangeName, on link: Link) async throws(BusError) {
        let isKnown = state.withLock {
            $0.exchanges[exchange] != nil || $0.verified.contains(exchange.rawValue)
        }
        if isKnown { return }
        try await perform([.declareExchange(exchange.rawValue, kind: "topic", isPassive: true)], on: link)
        state.withLock { _ = $0.verified.insert(exchange.rawValue) }
    }

    /// Forgets having seen exchanges of others.
    func forgetVerified(where isMeant: (String) -> Bool) {
        state.withLock { state in state.verified = state.verified.filter { !isMeant($0) } }
    }

    /// Declares everything again. What the broker refuses is logged and left: the rest must work.
    /// - Throws: When the connection is lost on the way.
    func restore(on link: Link) async throws(BusError) {
        let declarations = state.withLock { state in
            state.queues.map { Declarations.queue($0.key, $0.value) }
                + state.delays.flatMap { queue, buckets in buckets.map { Declarations.delay(queue, $0) } }
                + state.exchanges.map { Declarations.exchange($0.key, $0.value) }
        }
        guard !declarations.isEmpty else { return }
        let epoch = link.gate.epoch
        var channel = try await Channel.open(on: link)
        for declaration in declarations {
            do {
                try await channel.call(declaration)
            } catch {
                guard let epoch, link.gate.epoch == epoch else { throw error }
                link.logger.warning("rabbitmq_declaration_failed", ["error": "\(error)"])
                channel = try await Channel.open(on: link)
            }
        }
        await channel.close()
    }

    /// Sends declarations on a channel of their own: one that is refused ends its channel.
    private func perform(_ requests: [AMQPRequest], on link: Link) async throws(BusError) {
        try await link.withChannel { channel throws(BusError) in _ = try await channel.call(requests) }
    }
}
