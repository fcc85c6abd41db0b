internal import Runtime
internal import SQLiteKit
internal import Synchronization

/// `MessageLog` on the embedded store: records are rows, their ids are their positions.
final class EmbeddedMessageLog: MessageLog {
    private let store: EmbeddedStore
    private let known = Mutex<[Topic: TopicRecord]>([:])
    private let appending: Batcher<AppendRequest, [LogPosition]>

    let features = MessageLogFeatures(appendsAllOrNone: true, compactsSoon: true)

    var connection: ConnectionHealth { store.connection }

    init(_ store: EmbeddedStore) {
        self.store = store
        appending = Batcher(store.database) { requests, connection in
            try connection.append(requests, now: store.time.now, store: store)
        }
    }

    func createTopic(_ topic: Topic, _ options: TopicOptions) async throws(BusError) {
        try topic.validate()
        guard (1...1024).contains(options.partitions) else {
            throw BusError(.unsupported, "a topic has 1 to 1024 partitions, not \(options.partitions)")
        }
        try await BusError.mapping {
            try await store.database.write { try $0.saveTopic(topic, options) }
        }
        known.withLock { $0[topic] = nil }
    }

    func append(_ records: [LogRecord], to topic: Topic) async throws(BusError) -> [LogPosition] {
        for record in records where record.value.count > Message.maximumBodyBytes {
            throw BusError(.messageTooLarge, "a record has at most \(Message.maximumBodyBytes) bytes")
        }
        let record = try await self.record(topic)
        return try await BusError.mapping {
            try await appending.submit(AppendRequest(topic: record, records: records))
        }
    }

    func consume(_ topic: Topic, group: ConsumerGroup) async throws(BusError) -> any LogConsumer {
        try group.validate()
        return try await GroupMember.join(group, topic: try await record(topic), store: store)
    }

    func follow(_ topic: Topic, from offsets: [Int: Int64]) async throws(BusError) -> LogRecords {
        LogRecords(LogFollower(topic: try await record(topic), from: offsets, store: store))
    }

    func read(
        _ topic: Topic, partition: Int, from offset: Int64, limit: Int
    ) async throws(BusError) -> [StoredRecord] {
        let record = try await self.record(topic)
        guard record.partitions.indices.contains(partition) else { return [] }
        return try await BusError.mapping {
            try await store.database.read { connection in
                var budget = LogFollower.pageBytes
                return try connection.records(
                    of: record, partition: partition, from: offset, limit: limit, budget: &budget)
            }
        }
    }

    func offsets(of topic: Topic) async throws(BusError) -> [Range<Int64>] {
        let record = try await self.record(topic)
        return try await BusError.mapping {
            try await store.database.read { connection in
                try record.partitions.map { partition in
                    let rows = EmbeddedSchema.rows(of: partition)
                    let next =
                        try connection.first(
                            "SELECT next_offset FROM partitions WHERE id = ?", .integer(partition)
                        ) { $0.int(0) } ?? 0
                    let first = try connection.first(
                        "SELECT id FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT 1",
                        .integer(rows.lowerBound), .integer(rows.upperBound)
                    ) { EmbeddedSchema.number(of: $0.int(0)) }
                    return (first ?? next)..<next
                }
            }
        }
    }

    func partition(of key: String, in topic: Topic) async throws(BusError) -> Int {
        Murmur2.partition(of: key, count: try await record(topic).partitions.count)
    }

    func committedOffsets(of group: ConsumerGroup, in topic: Topic) async throws(BusError) -> [Int: Int64] {
        let record = try await self.record(topic)
        return try await BusError.mapping {
            try await store.database.read { try $0.committedOffsets(of: group, in: record) }
        }
    }

    private func record(_ name: Topic) async throws(BusError) -> TopicRecord {
        if let record = known.withLock({ $0[name] }) { return record }
        let record = try await BusError.mapping {
            try await store.database.read { [signals = store.signals] in try $0.loadTopic(name, signals: signals) }
        }
        guard let record else { throw BusError(.unknownTopic, "no topic is called \(name)") }
        known.withLock { $0[name] = record }
        return record
    }
}
