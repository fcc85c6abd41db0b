internal import Runtime
internal import SQLiteKit

/// Deletes what exchanges, topics and queues no longer keep, in small writes that hold nobody up.
struct Retention: Sendable {
    let store: EmbeddedStore

    /// Rows deleted in one write: a few milliseconds.
    private static let chunk: Int64 = 2000
    /// Dead letters kept of one queue; beyond, the oldest are dropped, with a warning in the log.
    private static let maximumDeadLetters: Int64 = 100_000

    func enforce() async {
        do {
            try await expireJobs()
            try await trimDeadLetters()
            for exchange in try await exchanges() { try await trim(exchange) }
            for partition in try await partitions() { try await trim(partition) }
        } catch {
            store.logger.warning("retention_failed", ["error": "\(error)"])
        }
    }

    /// One exchange or partition with its limits.
    private struct Log: Sendable {
        let id: Int64
        let table: Table
        let maximumAge: Int64?
        let maximumBytes: Int64?

        enum Table: Sendable {
            case events, records
        }
    }

    private func exchanges() async throws -> [Log] {
        try await store.database.read { connection in
            try connection.query("SELECT id, maximum_age_us, maximum_bytes FROM exchanges") { row in
                Log(id: row.int(0), table: .events, maximumAge: row.int(1), maximumBytes: row.int(2))
            }
        }
    }

    private func partitions() async throws -> [Log] {
        try await store.database.read { connection in
            try connection.query(
                """
                SELECT p.id, t.maximum_age_us, t.maximum_bytes / t.partitions FROM partitions p
                JOIN topics t ON t.id = p.topic WHERE NOT t.compacted
                """
            ) { row in
                Log(id: row.int(0), table: .records, maximumAge: row.intOrNil(1), maximumBytes: row.intOrNil(2))
            }
        }
    }

    private func trim(_ log: Log) async throws {
        let limit = log.maximumAge.map { store.time.now.microseconds - $0 } ?? Int64.min
        while try await store.database.write({
            try $0.trim(log.id, log.table == .events, limit, log.maximumBytes, Self.chunk)
        }) {}
    }

    private func expireJobs() async throws {
        let queues = try await store.database.read { [signals = store.signals] connection in
            try connection.query("SELECT name FROM queues") { QueueName($0.text(0)) }
                .compactMap { try connection.loadQueue($0, signals: signals) }
        }
        let now = store.time.now
        for queue in queues {
            try await store.database.write { connection in
                let expired = try connection.query(
                    """
                    SELECT id FROM jobs WHERE expires_at IS NOT NULL AND expires_at <= ? AND queue = ?
                    AND id NOT IN (SELECT job FROM leases WHERE token <> 0) LIMIT ?
                    """, .integer(now.microseconds), .integer(queue.id), .integer(Self.chunk)
                ) { $0.int(0) }
                for job in expired {
                    try connection.bury(job: job, attempts: 0, reason: "expired", in: queue, now: now)
                }
            }
        }
    }

    private func trimDeadLetters() async throws {
        let dropped = try await store.database.write { connection in
            try connection.query("SELECT DISTINCT queue FROM dead_letters") { $0.int(0) }.reduce(0) { sum, queue in
                sum
                    + (try connection.run(
                        """
                        DELETE FROM dead_letters WHERE queue = ?1 AND id <= coalesce((SELECT id FROM dead_letters
                        WHERE queue = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2), 0)
                        """, .integer(queue), .integer(Self.maximumDeadLetters)))
            }
        }
        if dropped > 0 { store.logger.warning("dead_letters_dropped", ["count": "\(dropped)"]) }
    }
}

extension Connection {
    /// Deletes up to `chunk` of the oldest rows that are too old or too many bytes. Returns whether there may be more.
    fileprivate func trim(
        _ log: Int64, _ isExchange: Bool, _ oldest: Int64, _ maximumBytes: Int64?, _ chunk: Int64
    ) throws -> Bool {
        let (rows, time, size, owner) =
            isExchange
            ? ("events", "published_at", "length(headers) + length(body)", "exchanges")
            : ("records", "appended_at", "length(CAST(key AS BLOB)) + length(headers) + length(value)", "partitions")
        let range = EmbeddedSchema.rows(of: log)
        let bytes = try first("SELECT bytes FROM \(owner) WHERE id = ?", .integer(log)) { $0.int(0) } ?? 0
        var surplus = maximumBytes.map { bytes - $0 } ?? 0
        var freed: Int64 = 0
        var count: Int64 = 0
        var last: Int64?
        try forEach(
            "SELECT id, \(time), \(size) FROM \(rows) WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
            .integer(range.lowerBound), .integer(range.upperBound), .integer(chunk)
        ) { row in
            guard row.int(1) < oldest || surplus > 0 else { return false }
            last = row.int(0)
            freed += row.int(2)
            surplus -= row.int(2)
            count += 1
            return true
        }
        guard let last else { return false }
        try run("DELETE FROM \(rows) WHERE id >= ? AND id <= ?", .integer(range.lowerBound), .integer(last))
        try run("UPDATE \(owner) SET bytes = bytes - ? WHERE id = ?", .integer(freed), .integer(log))
        return count == chunk
    }
}
