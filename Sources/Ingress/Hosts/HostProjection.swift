internal import BusClients
internal import Contracts
package import Runtime
package import SQLiteKit
internal import Synchronization

/// The hosts of the fleet, from `host_metrics`: the latest sample of each in memory, and their history in rows.
package final class HostProjection: Projection {
    package let name = "hosts"
    package let migrations = HostRows.migrations
    package let sources: [ProjectionSource] = [.log(Topic(StreamNames.hostMetrics))]

    /// One host's minute, counted from 1970 on.
    private struct HostMinute: Hashable {
        let host: String
        let minute: Int64
    }

    private let interval: Duration
    private let time: any TimeSource
    private let hosts = Mutex<[String: HostState]>([:])
    private let recent = Mutex<[String: RecentSamples]>([:])
    private let retention = Mutex(HostRetention())
    private let answers = Mutex<[String: HostStatsAnswer]>([:])

    /// - Parameter interval: how often hosts report at least.
    package init(interval: Duration, time: any TimeSource) {
        self.interval = interval
        self.time = time
    }

    package func load(from database: Database) async throws {
        let latest = try await database.read { try $0.latestHostSamples() }
        hosts.withLock { hosts in
            for (sample, heardAt) in latest { hosts[sample.host] = HostState(sample: sample, heardAt: heardAt) }
            answer(for: latest.map { $0.0.host }, in: hosts)
        }
    }

    package func apply(_ batch: ProjectionBatch, _ connection: Connection) throws {
        var updates: [(sample: HostSample, heardAt: Timestamp)] = []
        var latest: [String: ProjectionRecord] = [:]
        var times: [String: RecentSamples] = [:]
        var minutes: [HostMinute: HostSums] = [:]
        let now = time.now
        for record in batch.records {
            let sample: HostSample
            do {
                sample = try HostSample(json: record.body)
            } catch {
                throw UndecodableRecord("not a host sample: \(error)")
            }
            if let stats = HostStats(sample), note(stats.timestamp, of: sample.host, in: &times),
                try addSecond(stats, host: sample.host, now: now, connection)
            {
                let minute = HostMinute(host: sample.host, minute: stats.timestamp.microseconds / 60_000_000)
                let sums = HostSums(stats)
                if minutes[minute]?.add(sums) == nil { minutes[minute] = sums }
            }
            latest[sample.host] = record
            updates.append((sample, Timestamp(microseconds: record.timestamp)))
        }
        for (minute, sums) in minutes {
            try connection.addToHostMinute(sums, host: minute.host, minute: minute.minute)
        }
        for (host, record) in latest {
            try connection.storeLatestHostSample(record.body, host: host, heardAt: record.timestamp)
        }
        connection.afterCommit { [self] in
            recent.withLock { $0.merge(times) { $1 } }
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

    /// Whether a sample is none of the last that came; notes it in `times`, which become known with the commit.
    private func note(_ at: Timestamp, of host: String, in times: inout [String: RecentSamples]) -> Bool {
        var known = times.removeValue(forKey: host) ?? recent.withLock { $0[host] } ?? RecentSamples()
        defer { times[host] = known }
        return known.insert(at.microseconds)
    }

    /// Adds a sample to the seconds, if they reach so far back: a rebuild would delete it at once. Answers whether it
    /// belongs into the history and was not there.
    private func addSecond(
        _ stats: HostStats, host: String, now: Timestamp, _ connection: Connection
    ) throws -> Bool {
        let second = stats.timestamp.microseconds / 1_000_000
        let age = now.microseconds / 1_000_000 - second
        if age > HostRows.secondsKept { return true }
        guard age >= -HostRows.secondsAhead else { return false }
        return try connection.addHostSecond(stats, host: host, second: second)
    }

    package func prune(_ connection: Connection) throws -> Bool {
        var retention = retention.withLock { $0 }
        let hasMore = try retention.prune(connection, now: time.now, limit: HostRows.pruneLimit)
        let forgotten = hasMore ? [] : try connection.forgetSilentHosts(now: time.now)
        connection.afterCommit { [self, retention] in
            self.retention.withLock { $0 = retention }
            hosts.withLock { hosts in for host in forgotten { hosts[host] = nil } }
            answers.withLock { answers in for host in forgotten { answers[host] = nil } }
            recent.withLock { recent in for host in forgotten { recent[host] = nil } }
        }
        return hasMore
    }

    /// A host by its name; nil when it never reported.
    func host(_ name: String) -> HostState? { hosts.withLock { $0[name] } }

    /// What is known of a host's load, as its clients read it; nil when it never reported.
    func stats(_ name: String) -> HostStatsAnswer? { answers.withLock { $0[name] } }

    /// The names of all hosts, sorted.
    var names: [String] { hosts.withLock { $0.keys.sorted() } }

    /// All hosts.
    var all: [HostState] { hosts.withLock { Array($0.values) } }

    /// What tells of each host whether it still reports.
    var lives: [String: HostLife] { hosts.withLock { $0.mapValues(\.life) } }

    func isStale(_ host: HostState) -> Bool { isStale(host.life) }

    func isStale(_ life: HostLife) -> Bool { life.isStale(now: time.now, interval: interval) }
}
