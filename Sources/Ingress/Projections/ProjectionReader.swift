internal import BusClients
internal import Runtime

/// Reads one source, whichever port carries it.
struct ProjectionReader {
    private enum Records {
        case log(LogRecords.Iterator)
        case events(Events.Iterator)
    }

    private var records: Records

    /// Starts at the offsets, and at the oldest record where there is none.
    init(_ source: ProjectionSource, on bus: Bus, from offsets: [Int: Int64]) async throws(BusError) {
        switch source {
        case .log(let topic):
            records = .log(try await bus.log.follow(topic, from: offsets).makeAsyncIterator())
        case .exchange(let exchange, _):
            // Every event, so that the offset also passes those that the pattern leaves out.
            let start = offsets[0].map(HistoryPosition.offset) ?? .first
            records = .events(
                try await bus.events.subscribe(to: exchange, matching: [.all], from: start).makeAsyncIterator())
        }
    }

    /// What is ready, at least one record; nil when the task is cancelled or the bus closes.
    mutating func next() async throws(BusError) -> [ProjectionRecord]? {
        switch records {
        case .log(var iterator):
            defer { records = .log(iterator) }
            return try await iterator.next()?.map { stored in
                ProjectionRecord(
                    position: stored.position, key: stored.record.key, headers: stored.record.headers,
                    body: stored.record.value, timestamp: stored.appendedAt.microseconds)
            }
        case .events(var iterator):
            defer { records = .events(iterator) }
            return try await iterator.next()?.map { event in
                ProjectionRecord(
                    position: LogPosition(partition: 0, offset: event.offset), key: event.routingKey.rawValue,
                    headers: event.message.headers, body: event.message.body,
                    timestamp: event.publishedAt.microseconds)
            }
        }
    }
}

extension ProjectionSource {
    /// Makes the topic or exchange if it does not exist; one that a worker declared keeps its options.
    func ensureExists(on bus: Bus) async throws(BusError) {
        do {
            _ = try await range(on: bus)
        } catch  where error.code == .unknownTopic || error.code == .unknownExchange {
            switch self {
            case .log(let topic): try await bus.log.createTopic(topic, TopicOptions())
            case .exchange(let exchange, _): try await bus.events.declare(exchange, EventExchangeOptions())
            }
        }
    }

    /// The retained offsets of each partition; the upper bound is the next offset.
    func range(on bus: Bus) async throws(BusError) -> [Range<Int64>] {
        switch self {
        case .log(let topic): try await bus.log.offsets(of: topic)
        case .exchange(let exchange, _): [try await bus.events.history(of: exchange)]
        }
    }

    /// Whether a record of the source is for the projection.
    func includes(_ record: ProjectionRecord) -> Bool {
        switch self {
        case .log: true
        case .exchange(_, let pattern): pattern.matches(RoutingKey(record.key))
        }
    }
}
