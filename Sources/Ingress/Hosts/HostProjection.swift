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

    /// One host's minute or ten minutes, counted from 1970 on.
    private struct HostTime: Hashable {
        let host: String
        let time: Int64
    }

    private let interval: Duration
    private let time: any TimeSource
    private let hosts = Mutex<[String: HostState]>([:])
    private let recent = Mutex<[String: RecentSamples]>([:])
    private let retention = Mutex(HostRetention())
    private let answers = Mutex<[String: HostStatsAnswer]>([:])
    private let keeping: Mutex<HostHistoryLimits>
    private let waits: SampleWaits

    /// - Parameters:
    ///   - interval: how often hosts report at least.
    ///   - keeping: how long their history is kept.
    package init(interval: Duration, keeping limits: HostHistoryLimits = .standard, time: any TimeSource) {
        self.interval = interval
        self.time = time
        keeping = Mutex(limits)
        waits = SampleWaits(time: time)
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
        var minutes: [HostTime: HostAggregate] = [:]
        let now = time.now
        for record in batch.records {
            let sample: HostSample
            do {
                sample = try HostSample(json: record.body)
            } catch {
                throw UndecodableRecord("not a host sample: \(error)")
            }
            if let stats = HostStats(sample), note(stats.timestamp, of: sample.host, in: &times) {
                let measured = HostAggregate(sample, stats)
                if try addSecond(measured, host: sample.host, now: now, connection) {
                    let minute = HostTime(host: sample.host, time: stats.timestamp.microseconds / 60_000_000)
                    if minutes[minute]?.add(measured) == nil { minutes[minute] = measured }
                }
            }
            latest[sample.host] = record
            updates.append((sample, Timestamp(microseconds: record.timestamp)))
        }
        try add(minutes, connection)
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
            waits.arrived(updates.lazy.map(\.sample).filter { HostStats($0) != nil })
        }
    }

    /// Waits until a sample of a host is in the history, at most so long; answers whether it is.
    func wait(for at: Timestamp, of host: String, atMost limit: Duration) async -> Bool {
        await waits.wait(for: at, of: host, atMost: limit) {
            recent.withLock { $0[host]?.contains(at.microseconds) ?? false }
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

    /// Adds samples to their minutes and ten minutes.
    private func add(_ minutes: [HostTime: HostAggregate], _ connection: Connection) throws {
        var tenMinutes: [HostTime: HostAggregate] = [:]
        // In their order, so that sums are rounded alike whenever they are made.
        for (minute, samples) in minutes.sorted(by: { $0.key.time < $1.key.time }) {
            try connection.add(samples, to: .minutes, host: minute.host, at: minute.time)
            let ten = HostTime(host: minute.host, time: minute.time / 10)
            if tenMinutes[ten]?.add(samples) == nil { tenMinutes[ten] = samples }
        }
        for (ten, samples) in tenMinutes {
            try connection.add(samples, to: .tenMinutes, host: ten.host, at: ten.time)
        }
    }

    /// Adds a sample to the seconds, if they reach so far back: a rebuild would delete it at once. Answers whether it
    /// belongs into the history and was not there.
    private func addSecond(
        _ sample: HostAggregate, host: String, now: Timestamp, _ connection: Connection
    ) throws -> Bool {
        let second = sample.sums.latest / 1_000_000
        let age = now.microseconds / 1_000_000 - second
        if age > limits.seconds { return true }
        guard age >= -HostRows.secondsAhead else { return false }
        return try connection.addHostSecond(sample, host: host, second: second)
    }

    /// How long the history is kept.
    var limits: HostHistoryLimits { keeping.withLock { $0 } }

    /// Keeps the rows of seconds for so long from now on, an hour to a week: more of them are kept as they come, fewer
    /// with the next upkeep.
    package func keepSeconds(for duration: Duration) {
        let week: Int64 = 7 * 86_400
        keeping.withLock { $0.seconds = min(max(duration.components.seconds, 3600), week) }
    }

    package func prune(_ connection: Connection) throws -> Bool {
        var retention = retention.withLock { $0 }
        let hasMore = try retention.prune(
            connection, keeping: limits, now: time.now, limit: HostRows.pruneLimit)
        let forgotten = hasMore ? [] : try connection.forgetSilentHosts(keeping: limits, now: time.now)
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
