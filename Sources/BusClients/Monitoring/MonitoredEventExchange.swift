/// An event exchange that a monitor watches.
final class MonitoredEventExchange: EventExchange {
    private let base: any EventExchange
    private let monitor: BusMonitor

    init(_ base: any EventExchange, monitor: BusMonitor) {
        self.base = base
        self.monitor = monitor
    }

    var features: EventExchangeFeatures { base.features }
    var connection: ConnectionHealth { base.connection }

    func declare(_ exchange: ExchangeName, _ options: EventExchangeOptions) async throws(BusError) {
        try await base.declare(exchange, options)
    }

    func publish(_ events: [Event], to exchange: ExchangeName) async throws(BusError) {
        try await monitor.producer(.eventExchange, exchange.rawValue).write { () throws(BusError) in
            try await base.publish(events, to: exchange)
        }
    }

    func subscribe(
        to exchange: ExchangeName, matching patterns: [TopicPattern], from start: HistoryPosition
    ) async throws(BusError) -> Events {
        let events = try await base.subscribe(to: exchange, matching: patterns, from: start)
        let position = if case .offset(let offset) = start { [0: offset] } else { [Int: Int64]() }
        let activity = monitor.activity(
            .exchange(exchange, takesAll: patterns.contains(.all)), from: position)
        let source = MonitoredSource(events.source, activity: activity, monitor: monitor, isCursor: true) {
            events, activity in
            _ = activity.handedOut(events.count)
            if let last = events.last { activity.advanced(to: [0: last.offset + 1]) }
            return events
        }
        return Events(source)
    }

    func history(of exchange: ExchangeName) async throws(BusError) -> Range<Int64> {
        try await base.history(of: exchange)
    }
}
