internal import BusClients
internal import Contracts
internal import Runtime
internal import SQLiteKit
internal import Synchronization

/// The hosts of the fleet, from `host_metrics`: the latest sample of each in memory, and their history in rows.
final class HostProjection: Projection {
    let name = "hosts"
    let migrations = [HostRows.migration]
    let sources: [ProjectionSource] = [.log(Topic(StreamNames.hostMetrics))]

    private let interval: Duration
    private let time: any TimeSource
    private let hosts = Mutex<[String: HostState]>([:])
    private let answers = Mutex<[String: HostStatsAnswer]>([:])

    /// - Parameter interval: how often hosts report at least.
    init(interval: Duration, time: any TimeSource) {
        self.interval = interval
        self.time = time
    }

    func load(from database: Database) async throws {
        let latest = try await database.read { try $0.latestHostSamples() }
        hosts.withLock { hosts in
            for (sample, heardAt) in latest { hosts[sample.host] = HostState(sample: sample, heardAt: heardAt) }
            answer(for: latest.map { $0.0.host }, in: hosts)
        }
    }

    func apply(_ batch: ProjectionBatch, _ connection: Connection) throws {
        var updates: [(sample: HostSample, heardAt: Timestamp)] = []
        var latest: [String: ProjectionRecord] = [:]
        let now = time.now
        for record in batch.records {
            let sample: HostSample
            do {
                sample = try HostSample(json: record.body)
            } catch {
                throw UndecodableRecord("not a host sample: \(error)")
            }
            if let stats = HostStats(sample) { try connection.addHostStats(stats, host: sample.host, now: now) }
            latest[sample.host] = record
            updates.append((sample, Timestamp(microseconds: record.timestamp)))
        }
        for (host, record) in latest {
            try connection.storeLatestHostSample(record.body, host: host, heardAt: record.timestamp)
        }
        connection.afterCommit { [self] in
            hosts.withLock { hosts in
                for (sample, heardAt) in updates {
                    if hosts[sample.host]?.update(sample, heardAt: heardAt, now: now) == nil {
                        hosts[sample.host] = HostState(sample: sample, heardAt: heardAt)
                    }
                }
                answer(for: latest.keys, in: hosts)
            }
        }
    }

    /// Writes the answers for hosts that have new samples.
    private func answer(for names: some Sequence<String>, in hosts: [String: HostState]) {
        let new = names.compactMap { name in hosts[name].map { (name, HostStatsAnswer($0)) } }
        answers.withLock { answers in for (name, answer) in new { answers[name] = answer } }
    }

    func prune(_ connection: Connection) throws {
        let forgotten = try connection.pruneHosts(now: time.now)
        connection.afterCommit { [self] in
            hosts.withLock { hosts in for host in forgotten { hosts[host] = nil } }
            answers.withLock { answers in for host in forgotten { answers[host] = nil } }
        }
    }

    /// A host by its name; nil when it never reported.
    func host(_ name: String) -> HostState? { hosts.withLock { $0[name] } }

    /// What is known of a host's load, as its clients read it; nil when it never reported.
    func stats(_ name: String) -> HostStatsAnswer? { answers.withLock { $0[name] } }

    /// The names of all hosts, sorted.
    var names: [String] { hosts.withLock { $0.keys.sorted() } }

    func isStale(_ host: HostState) -> Bool { isStale(host.life) }

    func isStale(_ life: HostLife) -> Bool { life.isStale(now: time.now, interval: interval) }
}
