internal import Contracts
internal import Runtime
internal import SQLiteKit

/// Commands that a device refused on the command topic, and whether `fleet_events` has told so.
enum CommandNoticeRows {
    static let migration = Migration(
        "commands-3",
        """
        CREATE TABLE command_notices (
            request_id TEXT PRIMARY KEY,
            at INTEGER NOT NULL,
            reason TEXT,
            is_told INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX command_notices_by_time ON command_notices (at);
        CREATE INDEX command_notices_due ON command_notices (at) WHERE reason IS NOT NULL AND is_told = 0
        """)

    /// How long a refusal waits for its command to be known, from when this ingress heard of it.
    static let patience: Duration = .seconds(600)
    /// Rows deleted in one transaction of the upkeep.
    static let pruneLimit = 20_000
}

extension Connection {
    /// A device's refusal, when this ingress heard of it.
    func noteRejection(of requestID: String, reason: String, now: Timestamp) throws {
        try run(
            """
            INSERT INTO command_notices (request_id, at, reason, is_told) VALUES (?, ?, ?, 0)
            ON CONFLICT (request_id) DO UPDATE SET reason = ifnull(reason, excluded.reason)
            """, .text(requestID), .integer(now.microseconds), .text(reason))
    }

    /// The fleet was told of a refusal, by whichever ingress.
    func noteNotice(_ notice: CommandFailureNotice, now: Timestamp) throws {
        try run(
            """
            INSERT INTO command_notices (request_id, at, is_told) VALUES (?, ?, 1)
            ON CONFLICT (request_id) DO UPDATE SET is_told = 1
            """, .text(notice.requestID), .integer(now.microseconds))
    }

    /// The oldest refusals that nobody has told of, at most so many; and whether some are of commands that are not known
    /// yet.
    func dueNotices(now: Timestamp, limit: Int) throws -> (notices: [CommandFailureNotice], hasUnknown: Bool) {
        let since = Binding.integer(now.advanced(by: .zero - CommandNoticeRows.patience).microseconds)
        let notices = try query(
            """
            SELECT c.request_id, c.device_id, c.command_type, c.settled_at, n.reason
            FROM command_notices AS n JOIN commands AS c ON c.request_id = n.request_id
            WHERE n.reason IS NOT NULL AND n.is_told = 0 AND n.at >= ?1
                AND c.device_id IS NOT NULL AND c.ending = '\(CommandState.rejected.rawValue)'
            ORDER BY n.at LIMIT ?2
            """, since, .integer(Int64(limit))
        ) { row in
            CommandFailureNotice(
                requestID: row.text(0), deviceID: row.text(1), commandType: row.text(2), state: .rejected,
                reason: row.text(4), at: Timestamp(microseconds: row.int(3)))
        }
        guard notices.isEmpty else { return (notices, false) }
        let waiting = try first(
            "SELECT 1 FROM command_notices WHERE reason IS NOT NULL AND is_told = 0 AND at >= ?1 LIMIT 1", since
        ) { _ in true }
        return ([], waiting ?? false)
    }

    func pruneNotices(before end: Timestamp) throws -> Bool {
        let deleted = try run(
            """
            DELETE FROM command_notices WHERE request_id IN
            (SELECT request_id FROM command_notices WHERE at < ? ORDER BY at LIMIT ?)
            """, .integer(end.microseconds), .integer(Int64(CommandNoticeRows.pruneLimit)))
        return deleted == CommandNoticeRows.pruneLimit
    }
}
