internal import SQLiteKit

/// A queue as the store knows it.
struct QueueRecord: Sendable {
    let id: Int64
    let name: QueueName
    let options: WorkQueueOptions
    let signal: Signal

    /// The ids of its jobs.
    var jobs: Range<Int64> { EmbeddedSchema.rows(of: id) }
}

extension Connection {
    func loadQueue(_ name: QueueName, signals: Signals) throws -> QueueRecord? {
        try first(
            """
            SELECT id, maximum_attempts, lease_ns, time_to_live_us, maximum_length, single_active
            FROM queues WHERE name = ?
            """, .text(name.rawValue)
        ) { row in
            QueueRecord(
                id: row.int(0), name: name,
                options: WorkQueueOptions(
                    maximumAttempts: Int(row.int(1)), leaseDuration: .nanoseconds(row.int(2)),
                    timeToLive: row.intOrNil(3).map { .microseconds($0) }, maximumLength: Int(row.int(4)),
                    singleActiveConsumer: row.bool(5)),
                signal: signals.signal(.queue(row.int(0))))
        }
    }

    func saveQueue(_ name: QueueName, _ options: WorkQueueOptions) throws {
        try run(
            """
            INSERT INTO queues (name, maximum_attempts, lease_ns, time_to_live_us, maximum_length, single_active)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET maximum_attempts = excluded.maximum_attempts,
                lease_ns = excluded.lease_ns, time_to_live_us = excluded.time_to_live_us,
                maximum_length = excluded.maximum_length, single_active = excluded.single_active
            """, .text(name.rawValue), .integer(Int64(max(1, options.maximumAttempts))),
            .integer(options.leaseDuration.nanoseconds), Binding(options.timeToLive?.microseconds),
            .integer(Int64(options.maximumLength)), Binding(options.singleActiveConsumer))
    }
}
