internal import BusClients
internal import Contracts
internal import Runtime
internal import SQLiteKit

/// Who did what in the fleet, from `fleet_audit`.
final class AuditProjection: Projection {
    let name = "audit"
    let migrations = [AuditRows.migration]
    let sources: [ProjectionSource] = [.exchange(AuditTrail.exchange, .all)]

    private let time: any TimeSource

    init(time: any TimeSource) { self.time = time }

    func apply(_ batch: ProjectionBatch, _ connection: Connection) throws {
        for record in batch.records {
            let entry: AuditRecord
            do {
                entry = try AuditRecord(json: record.body)
            } catch {
                throw UndecodableRecord("not an audit record: \(error)")
            }
            try connection.add(entry)
        }
    }

    func prune(_ connection: Connection) throws -> Bool { try connection.pruneAudit(now: time.now) }
}

/// The rows of the audit.
enum AuditRows {
    static let migration = Migration(
        "audit-1",
        """
        CREATE TABLE audit (
            id TEXT PRIMARY KEY,
            at INTEGER NOT NULL,
            event TEXT NOT NULL,
            who TEXT NOT NULL,
            name TEXT,
            target TEXT,
            result INTEGER NOT NULL,
            request_id TEXT NOT NULL,
            peer TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX audit_by_time ON audit (at);
        CREATE INDEX audit_by_who ON audit (who, at);
        CREATE INDEX audit_by_event ON audit (event, at)
        """)

    /// As long as the exchange keeps its events.
    static let kept: Duration = .seconds(90 * 86_400)
    /// Beyond so many the oldest go, so that a flood of refusals does not fill the disk.
    static let maximumRows = 2_000_000
    /// Rows deleted in one transaction of the upkeep.
    static let pruneLimit = 20_000
}

/// Which records are asked for; a field that is nil does not matter.
struct AuditQuery: Sendable {
    var who: String?
    var event: String?
    var target: String?
    var since: Timestamp?
    var until: Timestamp?
    var skip = 0
    var limit = 100
}

extension Connection {
    func add(_ record: AuditRecord) throws {
        try run(
            """
            INSERT OR IGNORE INTO audit (id, at, event, who, name, target, result, request_id, peer)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, .text(record.id), .integer(record.at.microseconds), .text(record.event), .text(record.who),
            Binding(record.name), Binding(record.target), .integer(Int64(record.result)), .text(record.requestID),
            .text(record.peer))
    }

    /// The newest first, and whether there are more.
    func audit(_ query: AuditQuery) throws -> (records: [AuditRecord], hasMore: Bool) {
        let found = try self.query(
            """
            SELECT id, at, event, who, name, target, result, request_id, peer FROM audit
            WHERE (?1 IS NULL OR who = ?1 OR name = ?1) AND (?2 IS NULL OR event = ?2)
                AND (?3 IS NULL OR target = ?3) AND at >= ?4 AND at <= ?5
            ORDER BY at DESC, id LIMIT ?6 OFFSET ?7
            """, Binding(query.who), Binding(query.event), Binding(query.target),
            .integer(query.since?.microseconds ?? .min), .integer(query.until?.microseconds ?? .max),
            .integer(Int64(query.limit + 1)), .integer(Int64(query.skip))
        ) { row in
            AuditRecord(
                id: row.text(0), at: Timestamp(microseconds: row.int(1)), event: row.text(2), who: row.text(3),
                name: row.textOrNil(4), target: row.textOrNil(5), result: Int(row.int(6)), requestID: row.text(7),
                peer: row.text(8))
        }
        return (Array(found.prefix(query.limit)), found.count > query.limit)
    }

    /// How often something was done since.
    func auditCount(of event: String, since: Timestamp) throws -> Int {
        try first(
            "SELECT count(*) FROM audit WHERE event = ? AND at >= ?", .text(event), .integer(since.microseconds)
        ) { Int($0.int(0)) } ?? 0
    }

    /// Deletes the oldest that are too old or too many; answers whether there are more.
    func pruneAudit(now: Timestamp) throws -> Bool {
        let surplus = try first(
            "SELECT at FROM audit ORDER BY at DESC LIMIT 1 OFFSET ?", .integer(Int64(AuditRows.maximumRows))
        ) { $0.int(0) + 1 }
        let end = max(now.advanced(by: .zero - AuditRows.kept).microseconds, surplus ?? .min)
        let deleted = try run(
            "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ? ORDER BY at LIMIT ?)", .integer(end),
            .integer(Int64(AuditRows.pruneLimit)))
        return deleted == AuditRows.pruneLimit
    }
}
