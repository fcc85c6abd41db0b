internal import Runtime
internal import SQLiteKit
internal import Synchronization

/// `EventExchange` on the embedded store: events are rows, a subscription is a cursor.
final class EmbeddedEventExchange: EventExchange {
    private let store: EmbeddedStore
    private let known = Mutex<[ExchangeName: ExchangeRecord]>([:])
    private let publishing: Batcher<PublishRequest, Void>

    let features = EventExchangeFeatures(publishesAllOrNone: true, changesOptions: true)

    var connection: ConnectionHealth { store.connection }

    init(_ store: EmbeddedStore) {
        self.store = store
        publishing = Batcher(store.database) { requests, connection in
            try connection.publish(requests, now: store.time.now, store: store)
        }
    }

    func declare(_ exchange: ExchangeName, _ options: EventExchangeOptions) async throws(BusError) {
        try exchange.validate()
        _ = try await BusError.mapping {
            try await store.database.write { connection in
                try connection.run(
                    """
                    INSERT INTO exchanges (name, maximum_age_us, maximum_bytes) VALUES (?, ?, ?)
                    ON CONFLICT (name) DO UPDATE
                    SET maximum_age_us = excluded.maximum_age_us, maximum_bytes = excluded.maximum_bytes
                    """, .text(exchange.rawValue), .integer(options.maximumAge.microseconds),
                    .integer(Int64(options.maximumBytes)))
            }
        }
    }

    func publish(_ events: [Event], to exchange: ExchangeName) async throws(BusError) {
        for event in events {
            try event.routingKey.validate()
            try event.message.validate()
        }
        let record = try await record(exchange)
        try await BusError.mapping {
            try await publishing.submit(PublishRequest(exchange: record, events: events))
        }
    }

    func subscribe(
        to exchange: ExchangeName, matching patterns: [TopicPattern], from start: HistoryPosition
    ) async throws(BusError) -> Events {
        for pattern in patterns { try pattern.validate() }
        let record = try await record(exchange)
        let offset: Int64 =
            switch start {
            case .first: 0
            case .offset(let offset): offset.clampedToNumbers
            case .next: try await history(of: exchange).upperBound
            }
        return Events(EventSubscription(exchange: record, patterns: patterns, from: offset, store: store))
    }

    func history(of exchange: ExchangeName) async throws(BusError) -> Range<Int64> {
        let record = try await record(exchange)
        return try await BusError.mapping {
            try await store.database.read { connection in
                let next =
                    try connection.first("SELECT next_offset FROM exchanges WHERE id = ?", .integer(record.id)) {
                        $0.int(0)
                    } ?? 0
                let first = try connection.first(
                    "SELECT id FROM events WHERE id >= ? AND id < ? ORDER BY id LIMIT 1",
                    .integer(record.rows.lowerBound), .integer(record.rows.upperBound)
                ) { EmbeddedSchema.number(of: $0.int(0)) }
                return (first ?? next)..<next
            }
        }
    }

    private func record(_ name: ExchangeName) async throws(BusError) -> ExchangeRecord {
        if let record = known.withLock({ $0[name] }) { return record }
        let id = try await BusError.mapping {
            try await store.database.read { connection in
                try connection.first("SELECT id FROM exchanges WHERE name = ?", .text(name.rawValue)) { $0.int(0) }
            }
        }
        guard let id else { throw BusError(.unknownExchange, "no exchange is called \(name)") }
        let record = ExchangeRecord(id: id, signal: store.signals.signal(.exchange(id)))
        known.withLock { $0[name] = record }
        return record
    }
}

/// An exchange as the store knows it.
struct ExchangeRecord: Sendable {
    let id: Int64
    let signal: Signal

    /// The ids of its events.
    var rows: Range<Int64> { EmbeddedSchema.rows(of: id) }
}

/// The events of one `publish` call.
struct PublishRequest: Sendable {
    let exchange: ExchangeRecord
    let events: [Event]
}

extension Connection {
    func publish(_ requests: [PublishRequest], now: Timestamp, store: EmbeddedStore) throws -> [Void] {
        for (id, group) in Dictionary(grouping: requests, by: \.exchange.id) {
            var offset =
                try first("SELECT next_offset FROM exchanges WHERE id = ?", .integer(id)) { $0.int(0) } ?? 0
            var bytes = 0
            for event in group.lazy.flatMap(\.events) {
                let headers = event.message.headers.encoded
                try run(
                    """
                    INSERT INTO events (id, routing_key, message_id, headers, published_at, body)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """, .integer(EmbeddedSchema.rows(of: id).lowerBound + offset), .text(event.routingKey.rawValue),
                    .text(event.message.id.rawValue), .blob(headers), .integer(now.microseconds),
                    .blob(event.message.body))
                offset += 1
                bytes += headers.count + event.message.body.count
            }
            try run(
                "UPDATE exchanges SET next_offset = ?, bytes = bytes + ? WHERE id = ?", .integer(offset),
                .integer(Int64(bytes)), .integer(id))
            store.announce(store.signals.signal(.exchange(id)), after: self)
        }
        return requests.map { _ in () }
    }
}
