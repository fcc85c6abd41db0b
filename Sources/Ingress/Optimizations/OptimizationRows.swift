internal import Contracts
internal import Runtime
internal import SQLiteKit

/// The rows of the optimization sessions.
enum OptimizationRows {
    static let migration = Migration(
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
        """)

    /// As long as the exchange keeps its events, so that a rebuilt view has the same sessions.
    static let kept: Duration = .seconds(7 * 86_400)
}

extension Connection {
    /// Merges a change: a later stage replaces an earlier one, the first final one stays, and what the request alone
    /// knows (owner, type) is taken whenever it comes.
    func apply(_ change: OptimizationChange) throws {
        try run(
            """
            INSERT INTO optimizations
            (id, stage, status, owner, host, type, dry_run, requested_at, updated_at, error, result)
            VALUES (?1, ?2, ?3, ifnull(?4, ''), ?5, ifnull(?6, ''), ifnull(?7, 1), ?8, ?8, ?9, ?10)
            ON CONFLICT DO UPDATE SET
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
    }

    func optimization(_ id: String) throws -> OptimizationSession? {
        try first("SELECT \(Self.sessionColumns) FROM optimizations WHERE id = ?", .text(id), row: Self.session)
    }

    /// The newest sessions, and how many match in all.
    func optimizations(
        owner: String?, status: String?, limit: Int
    ) throws -> (sessions: [OptimizationSession], total: Int) {
        let matching = "(?1 IS NULL OR owner = ?1) AND (?2 IS NULL OR status = ?2)"
        let sessions = try query(
            """
            SELECT \(Self.sessionColumns) FROM optimizations WHERE \(matching)
            ORDER BY requested_at DESC, id LIMIT ?3
            """, Binding(owner), Binding(status), .integer(Int64(limit)), row: Self.session)
        let total = try first(
            "SELECT count(*) FROM optimizations WHERE \(matching)", Binding(owner), Binding(status)
        ) { Int($0.int(0)) }
        return (sessions, total ?? 0)
    }

    func runningOptimizations() throws -> Int {
        try first("SELECT count(*) FROM optimizations WHERE stage < 2") { Int($0.int(0)) } ?? 0
    }

    func pruneOptimizations(now: Timestamp) throws {
        let oldest = now.advanced(by: .zero - OptimizationRows.kept)
        try run("DELETE FROM optimizations WHERE updated_at < ?", .integer(oldest.microseconds))
    }

    private static let sessionColumns =
        "id, status, owner, host, type, dry_run, requested_at, updated_at, error, result"

    private static func session(_ row: Row) throws -> OptimizationSession {
        let id = row.text(0)
        let status = OptimizationResult.Status(rawValue: row.text(1)) ?? .running
        let requestedAt = Timestamp(microseconds: row.int(6))
        let updatedAt = Timestamp(microseconds: row.int(7))
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
        return OptimizationSession(
            id: id, owner: row.text(2), host: row.textOrNil(3), requestedAt: requestedAt, result: result)
    }
}
