internal import SQLiteKit

/// The tables of `bus.db`.
///
/// Rows of a queue, exchange or partition have ids `parent << 40 | number`: the primary key alone keeps them together
/// and in order, and no second index is written. Times are microseconds since 1970; `until` columns are nanoseconds
/// of CLOCK_BOOTTIME, which no step of the wall clock moves.
enum EmbeddedSchema {
    /// Numbers within one queue, exchange or partition: 2^40 of them.
    static let numberBits: Int64 = 40

    /// The ids of a parent's rows.
    static func rows(of parent: Int64) -> Range<Int64> {
        (parent << numberBits)..<((parent + 1) << numberBits)
    }

    static func number(of row: Int64) -> Int64 { row & ((1 << numberBits) - 1) }

    static let migrations = [
        Migration(
            "bus-1",
            """
            CREATE TABLE boot (id TEXT NOT NULL);
            CREATE TABLE processes (id INTEGER PRIMARY KEY AUTOINCREMENT);

            CREATE TABLE queues (
                id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
                maximum_attempts INTEGER NOT NULL, lease_ns INTEGER NOT NULL, time_to_live_us INTEGER,
                maximum_length INTEGER NOT NULL, single_active INTEGER NOT NULL,
                length INTEGER NOT NULL DEFAULT 0, next_number INTEGER NOT NULL DEFAULT 1,
                cursor INTEGER NOT NULL DEFAULT 0,
                active_consumer INTEGER NOT NULL DEFAULT 0, active_until INTEGER NOT NULL DEFAULT 0);
            CREATE TABLE jobs (
                id INTEGER PRIMARY KEY, queue INTEGER NOT NULL, message_id TEXT NOT NULL,
                headers BLOB NOT NULL, enqueued_at INTEGER NOT NULL, expires_at INTEGER, body BLOB NOT NULL);
            CREATE UNIQUE INDEX jobs_by_message ON jobs (queue, message_id);
            CREATE INDEX jobs_by_expiry ON jobs (expires_at) WHERE expires_at IS NOT NULL;
            CREATE TABLE leases (
                job INTEGER PRIMARY KEY, queue INTEGER NOT NULL, consumer INTEGER NOT NULL, token INTEGER NOT NULL,
                until INTEGER NOT NULL, attempts INTEGER NOT NULL, reason TEXT);
            CREATE INDEX leases_returned ON leases (queue, until) WHERE token = 0;
            CREATE TABLE consumers (
                id INTEGER PRIMARY KEY AUTOINCREMENT, queue INTEGER NOT NULL, process INTEGER NOT NULL);
            CREATE TABLE dead_letters (
                id INTEGER PRIMARY KEY AUTOINCREMENT, queue INTEGER NOT NULL, message_id TEXT NOT NULL,
                headers BLOB NOT NULL, reason TEXT NOT NULL, attempts INTEGER NOT NULL,
                enqueued_at INTEGER NOT NULL, died_at INTEGER NOT NULL, body BLOB NOT NULL);
            CREATE INDEX dead_letters_by_queue ON dead_letters (queue, id);

            CREATE TABLE exchanges (
                id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
                maximum_age_us INTEGER NOT NULL, maximum_bytes INTEGER NOT NULL,
                next_offset INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0);
            CREATE TABLE events (
                id INTEGER PRIMARY KEY, routing_key TEXT NOT NULL, message_id TEXT NOT NULL,
                headers BLOB NOT NULL, published_at INTEGER NOT NULL, body BLOB NOT NULL);

            CREATE TABLE topics (
                id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, partitions INTEGER NOT NULL,
                maximum_age_us INTEGER, maximum_bytes INTEGER, compacted INTEGER NOT NULL);
            CREATE TABLE partitions (
                id INTEGER PRIMARY KEY, topic INTEGER NOT NULL, number INTEGER NOT NULL,
                next_offset INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
                UNIQUE (topic, number));
            CREATE TABLE records (
                id INTEGER PRIMARY KEY, key TEXT NOT NULL, headers BLOB NOT NULL,
                appended_at INTEGER NOT NULL, value BLOB NOT NULL);
            CREATE TABLE newest_records (
                partition INTEGER NOT NULL, key TEXT NOT NULL, record INTEGER NOT NULL,
                PRIMARY KEY (partition, key)) WITHOUT ROWID;
            CREATE TABLE group_members (
                id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, topic INTEGER NOT NULL,
                process INTEGER NOT NULL, until INTEGER NOT NULL);
            CREATE INDEX group_members_by_group ON group_members (topic, name, id);
            CREATE TABLE group_offsets (
                name TEXT NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL,
                PRIMARY KEY (name, partition)) WITHOUT ROWID;
            """)
    ]
}

extension Int64 {
    /// The nearest number that a row can have.
    var clampedToNumbers: Int64 { Swift.min(Swift.max(0, self), (1 << EmbeddedSchema.numberBits) - 1) }
}
