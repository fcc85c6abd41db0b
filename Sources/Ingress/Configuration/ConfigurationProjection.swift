internal import BusClients
internal import Contracts
internal import Runtime
internal import SQLiteKit
internal import Synchronization

/// The fleet's configuration, from `fleet_configuration`: which changes hold is decided in the order of the log, so every
/// ingress decides alike.
final class ConfigurationProjection: Projection {
    let name = "configuration"
    let migrations = [ConfigurationRows.migration]
    let sources: [ProjectionSource] = [.log(Topic(StreamNames.fleetConfiguration))]
    /// Those that wait for what becomes of their change, by its id.
    let arrivals = Arrivals()
    /// Those that wait until the log is read up to where it ended.
    let progress: OffsetWaiters

    private struct State {
        var settings: [String: FleetSetting] = [:]
        /// What became of the changes that somebody here waits for.
        var outcomes: [String: ConfigurationOutcome] = [:]
        var awaited: Set<String> = []
    }

    private let state = Mutex(State())
    private let readers: [any ConfigurationReader]
    private let time: any TimeSource

    /// - Parameter readers: Are told of every value before whoever changed it goes on.
    init(readers: [any ConfigurationReader], time: any TimeSource) {
        self.readers = readers
        self.time = time
        progress = OffsetWaiters(time: time)
    }

    func began(_ source: ProjectionSource, at offsets: [Int: Int64]) { progress.begin(at: offsets) }

    func load(from database: Database) async throws {
        let settings = try await database.read { try $0.configuration(prefix: "") }
        for setting in settings { keep(setting) }
    }

    func apply(_ batch: ProjectionBatch, _ connection: Connection) throws {
        var news: [(id: String, outcome: ConfigurationOutcome)] = []
        var forgotten: [String] = []
        for record in batch.records {
            guard !record.body.isEmpty else {
                if let name = try connection.forgetConfigurationRecord(record.key) { forgotten.append(name) }
                continue
            }
            let change: ConfigurationChange
            do {
                change = try ConfigurationChange(json: record.body)
            } catch {
                throw UndecodableRecord("not a change of the configuration: \(error)")
            }
            news.append((change.id, try connection.apply(change, now: time.now)))
        }
        connection.afterCommit { [self, news, forgotten, next = batch.records.nextOffsets] in
            for (id, outcome) in news {
                if case .applied(let setting) = outcome { keep(setting) }
                state.withLock { if $0.awaited.contains(id) { $0.outcomes[id] = outcome } }
            }
            for name in forgotten { forget(name) }
            arrivals.arrived(news.map(\.id))
            progress.advance(to: next)
        }
    }

    /// A setting as it is now; nil when it was never set, or was deleted long ago.
    func setting(_ name: String) -> FleetSetting? { state.withLock { $0.settings[name] } }

    /// Performs `append` and waits for what becomes of the change; nil when that takes too long.
    func outcome(
        of id: String, atMost limit: Duration, _ append: () async throws -> Void
    ) async throws -> ConfigurationOutcome? {
        state.withLock { _ = $0.awaited.insert(id) }
        defer {
            state.withLock { state in
                state.awaited.remove(id)
                state.outcomes[id] = nil
            }
        }
        try await arrivals.awaiting(id, atMost: limit, time: time, append)
        return state.withLock { $0.outcomes[id] }
    }

    private func keep(_ setting: FleetSetting) {
        state.withLock { $0.settings[setting.name] = setting }
        for reader in readers { reader.changed(setting) }
    }

    private func forget(_ name: String) {
        let last = state.withLock { $0.settings.removeValue(forKey: name) }
        guard let last else { return }
        let gone = FleetSetting(
            name: name, version: last.version, value: nil, changedAt: last.changedAt, changedBy: last.changedBy)
        for reader in readers { reader.changed(gone) }
    }
}

/// Keeps some settings of the fleet in a form of its own.
protocol ConfigurationReader: Sendable {
    /// A setting has a new value, or none any more. Called in the order of the changes; must be quick.
    func changed(_ setting: FleetSetting)
}
