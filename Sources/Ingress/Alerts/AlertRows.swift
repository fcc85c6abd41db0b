internal import Contracts
internal import Runtime
internal import SQLiteKit

/// The rows of the alerts: one for each episode.
enum AlertRows {
    static let migrations = [
        Migration(
            "alerts-1",
            """
            CREATE TABLE alerts (
                id TEXT PRIMARY KEY,
                revision INTEGER NOT NULL,
                host TEXT NOT NULL,
                rule TEXT NOT NULL,
                metric TEXT NOT NULL,
                subject TEXT,
                severity TEXT NOT NULL,
                title TEXT NOT NULL,
                message TEXT NOT NULL,
                state TEXT NOT NULL,
                value REAL,
                threshold REAL NOT NULL,
                raised_at INTEGER NOT NULL,
                updated_at INTEGER NOT NULL,
                acknowledged_by TEXT,
                acknowledged_at INTEGER,
                note TEXT
            ) WITHOUT ROWID;
            CREATE INDEX alerts_by_time ON alerts (raised_at);
            CREATE INDEX alerts_by_update ON alerts (updated_at)
            """),
        Migration(
            "alerts-2",
            """
            CREATE INDEX alerts_firing ON alerts (host) WHERE state <> 'resolved'
            """),
    ]

    /// As long as the exchange keeps its events. What still fires is told again each day.
    static let kept = AlertStream.age
    /// Rows deleted in one transaction of the upkeep.
    static let pruneLimit = 1000
}

/// Which alerts are asked for; a field that is nil does not matter.
struct AlertQuery: Sendable {
    var host: String?
    var severity: String?
    var isAcknowledged: Bool?
    /// Those that fire, and those that have changed since.
    var since: Timestamp
    var limit = 100
}

extension Connection {
    /// A change that is older than what is known says nothing.
    func store(_ change: AlertChange) throws {
        try run(
            """
            INSERT INTO alerts (id, revision, host, rule, metric, subject, severity, title, message, state, value,
                threshold, raised_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET
                revision = excluded.revision, severity = excluded.severity, title = excluded.title,
                message = excluded.message, state = excluded.state, value = excluded.value,
                threshold = excluded.threshold, updated_at = excluded.updated_at
            WHERE excluded.revision > revision
            """, .text(change.alertID), .integer(Int64(change.revision)), .text(change.host), .text(change.rule),
            .text(change.metric), Binding(change.subject), .text(change.severity.rawValue), .text(change.title),
            .text(change.message), .text(change.state.rawValue), change.value.map(Binding.real) ?? .null,
            .real(change.threshold), .integer(change.raisedAt.microseconds), .integer(change.at.microseconds))
    }

    /// The first who has seen an alert stays the one.
    func acknowledge(_ acknowledgement: AlertAcknowledgement) throws {
        try run(
            """
            UPDATE alerts SET acknowledged_by = ?, acknowledged_at = ?, note = ?
            WHERE id = ? AND acknowledged_by IS NULL
            """, .text(acknowledgement.by), .integer(acknowledgement.at.microseconds), Binding(acknowledgement.note),
            .text(acknowledgement.alertID))
    }

    func alert(_ id: String) throws -> Alert? {
        try first("SELECT \(Alert.columns) FROM alerts WHERE id = ?", .text(id), row: Alert.init(row:))
    }

    /// How many alerts of each host fire.
    func firingAlerts() throws -> [String: Int] {
        let counts = try query("SELECT host, count(*) FROM alerts WHERE state <> 'resolved' GROUP BY host") {
            ($0.text(0), Int($0.int(1)))
        }
        return Dictionary(uniqueKeysWithValues: counts)
    }

    /// The newest first.
    func alerts(_ query: AlertQuery) throws -> [Alert] {
        try self.query(
            """
            SELECT \(Alert.columns) FROM alerts
            WHERE (?1 IS NULL OR host = ?1) AND (?2 IS NULL OR severity = ?2)
                AND (?3 IS NULL OR (acknowledged_by IS NOT NULL) = ?3)
                AND (state <> 'resolved' OR updated_at >= ?4)
            ORDER BY raised_at DESC, id LIMIT ?5
            """, Binding(query.host), Binding(query.severity),
            query.isAcknowledged.map { Binding($0) } ?? .null, .integer(query.since.microseconds),
            .integer(Int64(query.limit)), row: Alert.init(row:))
    }

    /// What fires and is no longer told of belongs to a host that is gone for good.
    func pruneAlerts(now: Timestamp) throws -> Bool {
        let deleted = try run(
            "DELETE FROM alerts WHERE id IN (SELECT id FROM alerts WHERE updated_at < ? ORDER BY updated_at LIMIT ?)",
            .integer(now.advanced(by: .zero - AlertRows.kept).microseconds), .integer(Int64(AlertRows.pruneLimit)))
        return deleted == AlertRows.pruneLimit
    }
}
