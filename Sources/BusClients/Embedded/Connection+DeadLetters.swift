internal import Runtime
internal import SQLiteKit

extension Connection {
    /// Moves a job to the dead letters.
    func bury(job: Int64, attempts: Int, reason: String, in queue: QueueRecord, now: Timestamp) throws {
        try run(
            """
            INSERT INTO dead_letters (queue, message_id, headers, reason, attempts, enqueued_at, died_at, body)
            SELECT queue, message_id, headers, ?, ?, enqueued_at, ?, body FROM jobs WHERE id = ?
            """, .text(reason), .integer(Int64(attempts)), .integer(now.microseconds), .integer(job))
        try remove(job: job, from: queue)
    }

    /// Deletes a job and its lease.
    func remove(job: Int64, from queue: QueueRecord) throws {
        try run("DELETE FROM leases WHERE job = ?", .integer(job))
        let removed = try run("DELETE FROM jobs WHERE id = ?", .integer(job))
        try run("UPDATE queues SET length = length - ? WHERE id = ?", .integer(Int64(removed)), .integer(queue.id))
    }

    func deadLetters(of queue: QueueRecord, after: DeadLetter.ID?, limit: Int) throws -> [DeadLetter] {
        try query(
            """
            SELECT id, message_id, headers, body, reason, attempts, enqueued_at, died_at FROM dead_letters
            WHERE queue = ? AND id > ? ORDER BY id LIMIT ?
            """, .integer(queue.id), .integer(after?.rawValue ?? 0), .integer(Int64(limit))
        ) { row in
            DeadLetter(
                id: DeadLetter.ID(rawValue: row.int(0)),
                message: Message(
                    id: MessageID(row.text(1)), headers: Headers(encoded: row.blob(2)), body: row.blob(3)),
                reason: row.text(4), attempts: Int(row.int(5)), enqueuedAt: Timestamp(microseconds: row.int(6)),
                diedAt: Timestamp(microseconds: row.int(7)))
        }
    }

    /// Deletes a dead letter and returns its message; nil when there is none of that id.
    func takeDeadLetter(_ letter: DeadLetter.ID, of queue: QueueRecord) throws -> Message? {
        try first(
            "DELETE FROM dead_letters WHERE id = ? AND queue = ? RETURNING message_id, headers, body",
            .integer(letter.rawValue), .integer(queue.id)
        ) { row in
            Message(id: MessageID(row.text(0)), headers: Headers(encoded: row.blob(1)), body: row.blob(2))
        }
    }

    func status(of queue: QueueRecord, now: Timestamp, uptime: Int64) throws -> WorkQueueStatus {
        let id = Binding.integer(queue.id)
        let length = try first("SELECT length FROM queues WHERE id = ?", id) { Int($0.int(0)) } ?? 0
        let (delayed, inFlight) =
            try first(
                """
                SELECT count(*) FILTER (WHERE token = 0 AND until > ?2),
                    count(*) FILTER (WHERE token <> 0 AND until > ?2) FROM leases
                WHERE job >= ?1 << 40 AND job < (?1 + 1) << 40
                """, id, .integer(uptime)
            ) { (Int($0.int(0)), Int($0.int(1))) } ?? (0, 0)
        let oldest = try first(
            "SELECT enqueued_at FROM jobs WHERE id >= ? AND id < ? ORDER BY id LIMIT 1",
            .integer(queue.jobs.lowerBound), .integer(queue.jobs.upperBound)
        ) { Timestamp(microseconds: $0.int(0)) }
        return WorkQueueStatus(
            queue: queue.name, ready: max(0, length - delayed - inFlight), delayed: delayed, inFlight: inFlight,
            deadLetters: try first("SELECT count(*) FROM dead_letters WHERE queue = ?", id) { Int($0.int(0)) } ?? 0,
            consumers: try first("SELECT count(*) FROM consumers WHERE queue = ?", id) { Int($0.int(0)) } ?? 0,
            oldestAge: oldest.map { max(.zero, now.duration(since: $0)) })
    }
}
