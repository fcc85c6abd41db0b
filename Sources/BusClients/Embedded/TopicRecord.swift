internal import Runtime
internal import SQLiteKit

/// A topic as the store knows it.
struct TopicRecord: Sendable {
    let id: Int64
    let isCompacted: Bool
    /// The row of each partition, by its number.
    let partitions: [Int64]
    let signal: Signal

    func rows(of partition: Int) -> Range<Int64> { EmbeddedSchema.rows(of: partitions[partition]) }
}

/// The records of one `append` call.
struct AppendRequest: Sendable {
    let topic: TopicRecord
    let records: [LogRecord]
}

extension Connection {
    func loadTopic(_ name: Topic, signals: Signals) throws -> TopicRecord? {
        let topic = try first("SELECT id, compacted FROM topics WHERE name = ?", .text(name.rawValue)) {
            (id: $0.int(0), isCompacted: $0.bool(1))
        }
        guard let topic else { return nil }
        let partitions = try query(
            "SELECT id FROM partitions WHERE topic = ? ORDER BY number", .integer(topic.id)
        ) { $0.int(0) }
        return TopicRecord(
            id: topic.id, isCompacted: topic.isCompacted, partitions: partitions,
            signal: signals.signal(.topic(topic.id)))
    }

    func saveTopic(_ name: Topic, _ options: TopicOptions) throws {
        try run(
            """
            INSERT INTO topics (name, partitions, maximum_age_us, maximum_bytes, compacted) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET maximum_age_us = excluded.maximum_age_us,
                maximum_bytes = excluded.maximum_bytes, compacted = excluded.compacted
            """, .text(name.rawValue), .integer(Int64(options.partitions)),
            Binding(options.maximumAge?.microseconds), Binding(options.maximumBytes), Binding(options.isCompacted))
        let topic = try first("SELECT id, partitions FROM topics WHERE name = ?", .text(name.rawValue)) {
            (id: $0.int(0), partitions: $0.int(1))
        }
        guard let topic else { return }
        for number in 0..<topic.partitions {
            try run(
                "INSERT INTO partitions (topic, number) VALUES (?, ?) ON CONFLICT DO NOTHING", .integer(topic.id),
                .integer(number))
        }
    }

    /// Appends the records of all requests; answers with their positions.
    func append(_ requests: [AppendRequest], now: Timestamp, store: EmbeddedStore) throws -> [[LogPosition]] {
        var tails: [Int64: PartitionTail] = [:]
        var positions: [[LogPosition]] = []
        positions.reserveCapacity(requests.count)
        for request in requests {
            var own: [LogPosition] = []
            own.reserveCapacity(request.records.count)
            for record in request.records {
                let partition = Murmur2.partition(of: record.key, count: request.topic.partitions.count)
                let row = request.topic.partitions[partition]
                var tail = try tails[row] ?? loadTail(of: row)
                own.append(LogPosition(partition: partition, offset: tail.nextOffset))
                try insert(record, into: row, tail: &tail, now: now, isCompacted: request.topic.isCompacted)
                tails[row] = tail
            }
            positions.append(own)
            store.announce(request.topic.signal, after: self)
        }
        for (row, tail) in tails {
            try run(
                "UPDATE partitions SET next_offset = ?, bytes = bytes + ? WHERE id = ?", .integer(tail.nextOffset),
                .integer(Int64(tail.addedBytes)), .integer(row))
        }
        return positions
    }

    private struct PartitionTail {
        var nextOffset: Int64
        var addedBytes = 0
    }

    private func loadTail(of partition: Int64) throws -> PartitionTail {
        let next = try first("SELECT next_offset FROM partitions WHERE id = ?", .integer(partition)) { $0.int(0) }
        return PartitionTail(nextOffset: next ?? 0)
    }

    private func insert(
        _ record: LogRecord, into partition: Int64, tail: inout PartitionTail, now: Timestamp, isCompacted: Bool
    ) throws {
        let headers = record.headers.encoded
        let row = EmbeddedSchema.rows(of: partition).lowerBound + tail.nextOffset
        if isCompacted { tail.addedBytes -= try replaceNewest(of: record.key, in: partition, with: row) }
        try run(
            "INSERT INTO records (id, key, headers, appended_at, value) VALUES (?, ?, ?, ?, ?)", .integer(row),
            .text(record.key), .blob(headers), .integer(now.microseconds), .blob(record.value))
        tail.nextOffset += 1
        tail.addedBytes += record.key.utf8.count + headers.count + record.value.count
    }

    /// Deletes the record that a newer one of its key replaces; answers with its bytes.
    private func replaceNewest(of key: String, in partition: Int64, with row: Int64) throws -> Int {
        let old = try first(
            "SELECT record FROM newest_records WHERE partition = ? AND key = ?", .integer(partition), .text(key)
        ) { $0.int(0) }
        try run(
            "INSERT OR REPLACE INTO newest_records (partition, key, record) VALUES (?, ?, ?)", .integer(partition),
            .text(key), .integer(row))
        guard let old else { return 0 }
        let bytes = try first(
            "SELECT length(CAST(key AS BLOB)) + length(headers) + length(value) FROM records WHERE id = ?",
            .integer(old)
        ) { Int($0.int(0)) }
        try run("DELETE FROM records WHERE id = ?", .integer(old))
        return bytes ?? 0
    }

    /// Up to `limit` records of a partition from an offset on, fewer when their bytes exceed the budget.
    func records(
        of topic: TopicRecord, partition: Int, from offset: Int64, limit: Int, budget: inout Int
    ) throws -> [StoredRecord] {
        var records: [StoredRecord] = []
        let rows = topic.rows(of: partition)
        try forEach(
            "SELECT id, key, headers, appended_at, value FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
            .integer(rows.lowerBound + offset.clampedToNumbers), .integer(rows.upperBound), .integer(Int64(limit))
        ) { row in
            records.append(
                StoredRecord(
                    position: LogPosition(partition: partition, offset: EmbeddedSchema.number(of: row.int(0))),
                    record: LogRecord(
                        key: row.text(1), headers: Headers(encoded: row.blob(2)), value: row.blob(4)),
                    appendedAt: Timestamp(microseconds: row.int(3))))
            budget -= row.byteCount(4)
            return budget > 0
        }
        return records
    }
}
