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

        func queue(_ name: QueueName) -> [AMQPRequest]? { queues[name].map { Declarations.queue(name, $0) } }
    }

    private let state = Mutex(State())

    /// The options a queue was declared with by this client.
    func options(of queue: QueueName) -> WorkQueueOptions? { state.withLock { $0.queues[queue] } }

    var queueNames: [QueueName] {
        state.withLock { $0.queues.keys.sorted { $0.rawValue < $1.rawValue } }
    }

    /// The delay queues of a queue that this client has made or found.
    func delays(of queue: QueueName) -> Set<DelayBucket> { state.withLock { $0.delays[queue] ?? [] } }

    /// How the place a message is for was declared by this client; nil when it was not.
    func declaration(of outgoing: Outgoing) -> [AMQPRequest]? {
        state.withLock { state in
            let name = outgoing.routingKey
            switch outgoing.exchange {
            case "":
                if let queue = state.queue(QueueName(name)) { return queue }
                for (queue, buckets) in state.delays {
                    if let bucket = buckets.first(where: { BrokerNames.delay(queue, $0) == name }) {
                        return Declarations.delay(queue, bucket)
                    }
                }
                return state.exchanges.first { BrokerNames.history($0.key) == name }
                    .map { Declarations.exchange($0.key, $0.value) }
            case BrokerNames.deadLetters: return state.queue(QueueName(name))
            default:
                let exchange = ExchangeName(outgoing.exchange)
                return state.exchanges[exchange].map { Declarations.exchange(exchange, $0) }
            }
        }
    }

    func declare(_ queue: QueueName, _ options: WorkQueueOptions, on link: Link) async throws(BusError) {
        try await make(queue.rawValue, Declarations.queue(queue, options), on: link)
        state.withLock { $0.queues[queue] = options }
    }

    func declare(_ exchange: ExchangeName, _ options: EventExchangeOptions, on link: Link) async throws(BusError) {
        try await make(BrokerNames.history(exchange), Declarations.exchange(exchange, options), on: link)
        state.withLock { $0.exchanges[exchange] = options }
    }

    /// Declares a delay queue unless it is known.
    func ensureDelay(_ queue: QueueName, _ bucket: DelayBucket, on link: Link) async throws(BusError) {
        guard !delays(of: queue).contains(bucket) else { return }
        try await make(BrokerNames.delay(queue, bucket), Declarations.delay(queue, bucket), on: link)
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

    /// Declares what a queue needs, and lets something new settle.
    private func make(_ name: String, _ requests: [AMQPRequest], on link: Link) async throws(BusError) {
        let isNew: Bool
        do throws(BusError) {
            try await perform([.declareQueue(name, isPassive: true, arguments: [])], on: link)
            isNew = false
        } catch {
            guard error.code == .unknownQueue else { throw error }
            isNew = true
        }
        try await perform(requests, on: link)
        // Cancelled: the declaration stands all the same.
        if isNew { try? await link.time.sleep(for: link.configuration.settlingTime) }
    }

    /// Sends declarations on a channel of their own: one that is refused ends its channel.
    func perform(_ requests: [AMQPRequest], on link: Link) async throws(BusError) {
        try await link.withChannel { channel throws(BusError) in _ = try await channel.call(requests) }
    }
}
