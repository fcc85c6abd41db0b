internal import BusClients
internal import Contracts
package import Runtime
package import SQLiteKit
internal import Synchronization

/// The hosts of the fleet, from `host_metrics`: the latest sample of each in memory, and their history in rows.
package final class HostProjection: Projection {
    package let name = "hosts"
    package let migrations = [HostRows.migration]
    package let sources: [ProjectionSource] = [.log(Topic(StreamNames.hostMetrics))]

    private let interval: Duration
    private let time: any TimeSource
    private let hosts = Mutex<[String: HostState]>([:])

    /// - Parameter interval: how often hosts report at least.
    package init(interval: Duration, time: any TimeSource) {
        self.interval = interval
        self.time = time
    }

    package func load(from database: Database) async throws {
        let latest = try await database.read { try $0.latestHostSamples() }
        hosts.withLock { hosts in
            for (sample, heardAt) in latest { hosts[sample.host] = HostState(sample: sample, heardAt: heardAt) }
        }
    }

    package func apply(_ batch: ProjectionBatch, _ connection: Connection) throws {
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
            }
        }
    }

    package func prune(_ connection: Connection) throws {
        let forgotten = try connection.pruneHosts(now: time.now)
        connection.afterCommit { [self] in
            hosts.withLock { hosts in for host in forgotten { hosts[host] = nil } }
        }
    }

    /// A host by its name; nil when it never reported.
    func host(_ name: String) -> HostState? { hosts.withLock { $0[name] } }

    /// The names of all hosts, sorted.
    var names: [String] { hosts.withLock { $0.keys.sorted() } }

    func isStale(_ host: HostState) -> Bool { host.isStale(now: time.now, interval: interval) }
}
