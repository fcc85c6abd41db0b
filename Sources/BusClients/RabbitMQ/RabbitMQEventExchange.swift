internal import Runtime

/// `EventExchange` on a topic exchange and a stream.
///
/// - An exchange `X` comes with the stream queue `X.history`, which takes every event of it; every subscription reads
///   the stream at its own pace, and picks what it wants itself.
/// - A re-sent event (its confirm was lost with a connection) may be in the stream twice: a subscription that has
///   delivered its message id among the last 4,096 leaves it out.
/// - In a cluster a node may show an event to readers some milliseconds after it is confirmed.
final class RabbitMQEventExchange: EventExchange {
    private let transport: RabbitMQTransport

    let features = EventExchangeFeatures(publishesAllOrNone: false, changesOptions: false)

    var connection: ConnectionHealth { transport.health }

    init(_ transport: RabbitMQTransport) { self.transport = transport }

    func declare(_ exchange: ExchangeName, _ options: EventExchangeOptions) async throws(BusError) {
        try BrokerNames.validate(exchange)
        try await transport.topology.declare(exchange, options, on: transport.consuming)
    }

    func publish(_ events: [Event], to exchange: ExchangeName) async throws(BusError) {
        try BrokerNames.validate(exchange)
        let own = OwnHeaders(sentAt: transport.time.now.microseconds)
        let messages = events.map { event in
            Outgoing(
                exchange: exchange.rawValue, routingKey: event.routingKey.rawValue, message: event.message, own: own,
                isEvent: true)
        }
        for event in events { try event.routingKey.validate() }
        for message in messages { try message.validate() }
        try await transport.topology.verify(exchange, on: transport.consuming)
        try await transport.publisher.publish(messages)
    }

    func subscribe(
        to exchange: ExchangeName, matching patterns: [TopicPattern], from start: HistoryPosition
    ) async throws(BusError) -> Events {
        try BrokerNames.validate(exchange)
        for pattern in patterns { try pattern.validate() }
        let offset: Int64 =
            switch start {
            case .first: 0
            case .offset(let offset): max(0, offset)
            case .next: try await bounds(of: exchange).next()
            }
        let worker = SubscriptionWorker(exchange: exchange, patterns: patterns, from: offset, transport: transport)
        let subscription = EventStreamSubscription(worker)
        transport.consumers.add(worker)
        do {
            try await worker.start()
        } catch {
            worker.leave()
            throw error
        }
        return Events(subscription)
    }

    /// As exactly as the broker tells: it is asked for its oldest and newest events. The first look at an empty stream
    /// publishes a mark into it, which nobody is given.
    func history(of exchange: ExchangeName) async throws(BusError) -> Range<Int64> {
        try BrokerNames.validate(exchange)
        return try await bounds(of: exchange).range()
    }

    private func bounds(of exchange: ExchangeName) -> HistoryBounds {
        HistoryBounds(exchange: exchange, transport: transport)
    }
}
