internal import Runtime
internal import SQLiteKit
internal import Synchronization

/// One subscription: reads the history from its own offset on and waits at the end.
final class EventSubscription: BatchSource {
    private let exchange: ExchangeRecord
    private let patterns: [TopicPattern]
    private let store: EmbeddedStore
    private let offset: Mutex<Int64>

    init(exchange: ExchangeRecord, patterns: [TopicPattern], from offset: Int64, store: EmbeddedStore) {
        self.exchange = exchange
        self.patterns = patterns
        self.store = store
        self.offset = Mutex(offset)
    }

    func next() async throws(BusError) -> [RecordedEvent]? {
        while !Task.isCancelled, !store.isClosing {
            let generation = exchange.signal.generation
            let start = offset.withLock { $0 }
            let page = try await BusError.mapping {
                try await store.database.read { [exchange, patterns] connection in
                    try connection.events(of: exchange, from: start, matching: patterns)
                }
            }
            offset.withLock { $0 = page.next }
            if !page.events.isEmpty { return page.events }
            // A page of events that all belong to others is followed by the next page.
            if page.isLast { await exchange.signal.wait(past: generation) }
        }
        return nil
    }
}

/// Some events of an exchange in their order.
struct EventPage: Sendable {
    var events: [RecordedEvent] = []
    /// The offset to go on from.
    var next: Int64
    var isLast = true
}

extension Connection {
    /// Rows looked at, and bytes taken, in one page.
    private static var pageRows: Int { 1024 }
    private static var pageBytes: Int { 1 << 20 }

    func events(of exchange: ExchangeRecord, from offset: Int64, matching patterns: [TopicPattern]) throws -> EventPage
    {
        var page = EventPage(next: offset)
        var rows = 0
        var bytes = 0
        try forEach(
            """
            SELECT id, routing_key, message_id, headers, published_at, body FROM events
            WHERE id >= ? AND id < ? ORDER BY id
            """, .integer(exchange.rows.lowerBound + offset), .integer(exchange.rows.upperBound)
        ) { row in
            if rows == Self.pageRows || bytes >= Self.pageBytes {
                page.isLast = false
                return false
            }
            rows += 1
            page.next = EmbeddedSchema.number(of: row.int(0)) + 1
            let key = RoutingKey(row.text(1))
            guard patterns.contains(where: { $0.matches(key) }) else { return true }
            bytes += row.byteCount(5)
            page.events.append(
                RecordedEvent(
                    offset: page.next - 1, routingKey: key,
                    message: Message(
                        id: MessageID(row.text(2)), headers: Headers(encoded: row.blob(3)), body: row.blob(5)),
                    publishedAt: Timestamp(microseconds: row.int(4))))
            return true
        }
        return page
    }
}
