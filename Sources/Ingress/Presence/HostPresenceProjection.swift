internal import BusClients
internal import Contracts
internal import Runtime
internal import SQLiteKit
internal import Synchronization

/// What was last said of each host, from `fleet_events`: who tells of hosts must not tell twice, whoever told first.
final class HostPresenceProjection: Projection {
    let name = "presence"
    let migrations = [
        Migration(
            "presence-1",
            """
            CREATE TABLE host_presence (
                host TEXT PRIMARY KEY,
                at INTEGER NOT NULL,
                change BLOB NOT NULL
            ) WITHOUT ROWID
            """)
    ]
    let sources: [ProjectionSource] = [.exchange(AlertProjection.exchange, TopicPattern("host.#"))]

    private let time: any TimeSource
    private let latest = Mutex<[String: HostChange]>([:])

    init(time: any TimeSource) { self.time = time }

    /// The last change of each host that was ever heard of.
    var changes: [String: HostChange] { latest.withLock { $0 } }

    /// How a host stands; nil before anything was said of it.
    func state(of host: String) -> HostChange.State? { latest.withLock { $0[host]?.state } }

    func load(from database: Database) async throws {
        let rows = try await database.read { try $0.hostChanges() }
        latest.withLock { latest in for change in rows { latest[change.host] = change } }
    }

    func apply(_ batch: ProjectionBatch, _ connection: Connection) throws {
        var news: [String: HostChange] = [:]
        for record in batch.records {
            let change: HostChange
            do {
                change = try HostChange(json: record.body)
            } catch {
                throw UndecodableRecord("not a change of a host: \(error)")
            }
            news[change.host] = change
        }
        for change in news.values { try connection.store(change) }
        connection.afterCommit { [self, news] in latest.withLock { $0.merge(news) { $1 } } }
    }

    /// Forgets the hosts that have been down for as long as the exchange keeps its events.
    func prune(_ connection: Connection) throws -> Bool {
        let end = time.now.advanced(by: .zero - AlertStream.age)
        let gone = latest.withLock { latest in
            latest.values.filter { $0.state == .down && $0.at < end }.map(\.host)
        }
        for host in gone { try connection.run("DELETE FROM host_presence WHERE host = ?", .text(host)) }
        connection.afterCommit { [self, gone] in
            latest.withLock { latest in for host in gone { latest[host] = nil } }
        }
        return false
    }
}

extension Connection {
    /// What this version cannot read is left out: it is said again.
    fileprivate func hostChanges() throws -> [HostChange] {
        try query("SELECT change FROM host_presence") { try? HostChange(json: $0.blob(0)) }.compactMap(\.self)
    }

    fileprivate func store(_ change: HostChange) throws {
        try run(
            """
            INSERT INTO host_presence (host, at, change) VALUES (?, ?, ?)
            ON CONFLICT DO UPDATE SET at = excluded.at, change = excluded.change
            """, .text(change.host), .integer(change.at.microseconds), .blob(change.json))
    }
}
