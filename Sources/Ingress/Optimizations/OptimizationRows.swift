internal import Contracts
internal import Runtime
internal import SQLiteKit

/// The rows of the optimization sessions.
enum OptimizationRows {
    static let migrations = [
        Migration(
            "optimizations-1",
            """
            CREATE TABLE optimizations (
                id TEXT PRIMARY KEY,
                stage INTEGER NOT NULL,
                status TEXT NOT NULL,
                owner TEXT NOT NULL,
                host TEXT,
                type TEXT NOT NULL,
                dry_run INTEGER NOT NULL,
                requested_at INTEGER NOT NULL,
                updated_at INTEGER NOT NULL,
                error TEXT,
                result BLOB
            ) WITHOUT ROWID;
            CREATE INDEX optimizations_by_time ON optimizations (requested_at);
            CREATE INDEX optimizations_by_update ON optimizations (updated_at)
            """),
        // Rows in the order in which sessions were first heard of, not in that of their random ids: what is written
        // together lies together, and so does what is listed together. Each list is found in one index. The sessions
        // are counted by owner, by status and by the hour of the request, which is counted from 1970 on and rounded
        // down; the hour comes first, so that what changes now lies together.
        Migration(
            "optimizations-2",
            """
            CREATE TABLE optimizations_2 (
                number INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE,
                stage INTEGER NOT NULL,
                status TEXT NOT NULL,
                owner TEXT NOT NULL,
                host TEXT,
                type TEXT NOT NULL,
                dry_run INTEGER NOT NULL,
                requested_at INTEGER NOT NULL,
                updated_at INTEGER NOT NULL,
                error TEXT,
                result BLOB
            );
            INSERT INTO optimizations_2
            (id, stage, status, owner, host, type, dry_run, requested_at, updated_at, error, result)
            SELECT id, stage, status, owner, host, type, dry_run, requested_at, updated_at, error, result
            FROM optimizations ORDER BY requested_at, id;
            DROP TABLE optimizations;
            ALTER TABLE optimizations_2 RENAME TO optimizations;
            CREATE INDEX optimizations_by_time ON optimizations (requested_at);
            CREATE INDEX optimizations_by_update ON optimizations (updated_at);
            CREATE INDEX optimizations_by_status ON optimizations (status, requested_at);
            CREATE INDEX optimizations_by_owner ON optimizations (owner, requested_at, number, status);
            CREATE TABLE optimization_counts (
                hour INTEGER NOT NULL,
                owner TEXT NOT NULL,
                status TEXT NOT NULL,
                sessions INTEGER NOT NULL,
                PRIMARY KEY (hour, owner, status)
            ) WITHOUT ROWID;
            CREATE TABLE optimization_totals (
                hour INTEGER NOT NULL,
                status TEXT NOT NULL,
                sessions INTEGER NOT NULL,
                PRIMARY KEY (hour, status)
            ) WITHOUT ROWID;
            INSERT INTO optimization_counts (hour, owner, status, sessions)
            SELECT (requested_at - iif(requested_at < 0, 3599999999, 0)) / 3600000000, owner, status, count(*)
            FROM optimizations GROUP BY 1, 2, 3;
            INSERT INTO optimization_totals (hour, status, sessions)
            SELECT hour, status, sum(sessions) FROM optimization_counts GROUP BY 1, 2
            """),
    ]

    /// As long as the exchange keeps its events, so that a rebuilt view has the same sessions.
    static let kept: Duration = .seconds(7 * 86_400)
    /// Sessions deleted in one transaction of the upkeep: some milliseconds for whoever waits for the writer.
    static let pruneLimit = 500
}

extension Connection {
    /// Merges a change: a later stage replaces an earlier one, the first final one stays, and what the request alone
    /// knows (owner, type) is taken whenever it comes. `counts` learns what that does to the numbers of sessions.
    func apply(_ change: OptimizationChange, _ counts: inout OptimizationCounts) throws {
        let before = try place(of: change.id)
        // Not RETURNING: it opens a savepoint, whose end looks through all that the transaction has changed so far.
        try run(
            """
            INSERT INTO optimizations
            (id, stage, status, owner, host, type, dry_run, requested_at, updated_at, error, result)
            VALUES (?1, ?2, ?3, ifnull(?4, ''), ?5, ifnull(?6, ''), ifnull(?7, 1), ?8, ?8, ?9, ?10)
            ON CONFLICT (id) DO UPDATE SET
                owner = iif(owner = '', excluded.owner, owner),
                host = ifnull(host, excluded.host),
                type = iif(type = '', excluded.type, type),
                requested_at = min(requested_at, excluded.requested_at),
                updated_at = max(updated_at, excluded.updated_at),
                status = iif(stage = 2 OR excluded.stage < stage, status, excluded.status),
                error = iif(stage = 2, error, ifnull(excluded.error, error)),
                result = iif(stage = 2, result, ifnull(excluded.result, result)),
                dry_run = iif(?7 IS NULL OR stage = 2, dry_run, excluded.dry_run),
                stage = max(stage, excluded.stage)
            """, .text(change.id), .integer(change.stage.rawValue), .text(change.status.rawValue),
            Binding(change.owner), Binding(change.host), Binding(change.type ?? change.result?.type),
            (change.isDryRun ?? change.result?.isDryRun).map { Binding($0) } ?? .null,
            .integer(change.at.microseconds), Binding(change.errorMessage), Binding(change.result?.json))
        counts.move(from: before, to: try place(of: change.id))
    }

    /// Where a session is counted; nil when it is not known.
    private func place(of id: String) throws -> OptimizationCounts.Place? {
        try first(
            "SELECT owner, requested_at, status FROM optimizations WHERE id = ?", .text(id),
            row: OptimizationCounts.Place.init(row:))
    }

    func optimization(_ id: String) throws -> OptimizationSession? {
        try first(
            "SELECT \(OptimizationSession.columns) FROM optimizations WHERE id = ?", .text(id),
            row: OptimizationSession.init(row:))
    }

    /// Deletes sessions that have not changed for as long as they are kept, the oldest first, at most so many; answers
    /// whether there are more.
    func pruneOptimizations(now: Timestamp, limit: Int = OptimizationRows.pruneLimit) throws -> Bool {
        let oldest = now.advanced(by: .zero - OptimizationRows.kept)
        let deleted = try query(
            """
            DELETE FROM optimizations WHERE number IN
            (SELECT number FROM optimizations WHERE updated_at < ? ORDER BY updated_at LIMIT ?)
            RETURNING owner, requested_at, status
            """, .integer(oldest.microseconds), .integer(Int64(limit)), row: OptimizationCounts.Place.init(row:))
        var counts = OptimizationCounts()
        for place in deleted { counts.move(from: place, to: nil) }
        try store(counts)
        return deleted.count == limit
    }
}

extension OptimizationSession {
    /// What `init(row:)` reads, of the table `optimizations`.
    static let columns = "id, status, owner, host, type, dry_run, requested_at, updated_at, error, result"

    init(row: Row) throws {
        let status = OptimizationResult.Status(rawValue: row.text(1)) ?? .running
        let requestedAt = Timestamp(microseconds: row.int(6))
        let updatedAt = Timestamp(microseconds: row.int(7))
        let id = row.text(0)
        var result = OptimizationResult(
            taskID: id, status: status, type: row.text(4), startedAt: requestedAt, isDryRun: row.int(5) != 0)
        if !row.isNull(9) {
            result = try OptimizationResult(json: row.blob(9))
            result.status = status
        }
        result.taskID = id
        if let error = row.textOrNil(8), result.errorMessage == nil { result.errorMessage = error }
        if status.isFinal, result.completedAt == nil {
            result.completedAt = updatedAt
            result.duration = updatedAt.duration(since: result.startedAt) / .seconds(1)
        }
        self.init(id: id, owner: row.text(2), host: row.textOrNil(3), requestedAt: requestedAt, result: result)
    }
}
