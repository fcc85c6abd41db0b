package import BusClients
import Contracts
package import Runtime

/// Drives a fleet of made-up hosts: each reports once an interval on `host_metrics` and raises its alerts on
/// `fleet_events`, through the same messages as real ones.
///
/// The hosts take turns within the interval. What is due goes in one append after the other, so a bus that is slow gets
/// larger appends; a host whose turn has passed by a whole interval misses it, which is counted.
package struct FleetSimulation: Sendable {
    package struct Configuration: Sendable {
        package var hosts: Int
        package var interval: Duration
        /// Hosts are named PREFIX-1, PREFIX-2, …
        package var prefix: String
        package var seed: UInt64

        package init(hosts: Int, interval: Duration = .seconds(1), prefix: String = "simulated", seed: UInt64 = 1) {
            self.hosts = max(hosts, 1)
            self.interval = max(interval, .milliseconds(100))
            self.prefix = prefix
            self.seed = seed
        }
    }

    /// What was done since the last report.
    package struct Report: Sendable, Hashable {
        package var samples = 0
        /// Samples whose time passed before they could be taken.
        package var missed = 0
        /// Samples and changes that the bus did not take.
        package var failed = 0
        package var alertChanges = 0
        /// How long each append took until it was durable.
        package var appends: [Duration] = []
        /// The last refusal.
        package var problem: String?
        package var elapsed: Duration = .zero
    }

    /// Appends within an interval, if the bus is fast enough.
    private static let turns = 20
    private static let reportInterval: Duration = .seconds(5)

    private struct Host {
        var made: MadeUpHost
        var alerts: AlertEngine
        /// Its next sample, by the boot clock.
        var due: Duration
    }

    private let configuration: Configuration
    private let bus: Bus
    private let time: any TimeSource

    package init(_ configuration: Configuration, bus: Bus, time: any TimeSource) {
        self.configuration = configuration
        self.bus = bus
        self.time = time
    }

    /// Goes on until the deadline of the boot clock, or until it is cancelled, and tells what it does every 5 s and at
    /// its end.
    package func run(until deadline: Duration?, _ report: (Report) throws -> Void) async throws {
        let start = time.uptime
        var hosts = makeHosts(at: start)
        var current = Report()
        var reportedAt = start
        defer { _ = try? tell(&current, &reportedAt, report) }
        while !Task.isCancelled {
            let now = time.uptime
            if let deadline, now >= deadline { return }
            try await turn(&hosts, now, &current)
            if time.uptime - reportedAt >= Self.reportInterval { try tell(&current, &reportedAt, report) }
            let next = (hosts.map(\.due).min() ?? now) + configuration.interval / Self.turns
            do { try await time.sleep(until: min(next, deadline ?? next)) } catch { return }  // Cancelled.
        }
    }

    private func tell(_ current: inout Report, _ reportedAt: inout Duration, _ report: (Report) throws -> Void) throws {
        let now = time.uptime
        current.elapsed = now - reportedAt
        let done = current
        current = Report()
        reportedAt = now
        try report(done)
    }

    private func makeHosts(at start: Duration) -> [Host] {
        let digits = String(configuration.hosts).count
        return (0..<configuration.hosts).map { index in
            let number = String(index + 1)
            let name = "\(configuration.prefix)-" + String(repeating: "0", count: digits - number.count) + number
            return Host(
                made: MadeUpHost(
                    name, seed: configuration.seed &+ UInt64(index) &* 0x9e37_79b9, interval: configuration.interval),
                alerts: AlertEngine(
                    rules: AlertRule.standard, firing: [], now: start, makeID: { SecureRandom.uuid() }),
                due: start + configuration.interval * index / configuration.hosts)
        }
    }

    /// Takes and appends the samples that are due.
    private func turn(_ hosts: inout [Host], _ now: Duration, _ report: inout Report) async throws {
        var records: [LogRecord] = []
        var changes: [AlertChange] = []
        for index in hosts.indices where hosts[index].due <= now {
            let sample = hosts[index].made.sample(at: time.now)
            records.append(LogRecord(key: sample.host, value: sample.json))
            changes += hosts[index].alerts.observe(sample, at: now)
            hosts[index].due += configuration.interval
            while hosts[index].due + configuration.interval <= now {
                hosts[index].due += configuration.interval
                report.missed += 1
            }
        }
        guard !records.isEmpty else { return }
        let started = time.uptime
        do {
            _ = try await bus.log.append(records, to: Topic(StreamNames.hostMetrics))
            report.samples += records.count
            report.appends.append(time.uptime - started)
            try await publish(changes)
            report.alertChanges += changes.count
        } catch {
            if error.isFatal { throw error }
            report.failed += records.count
            report.problem = error.message
        }
    }

    private func publish(_ changes: [AlertChange]) async throws(BusError) {
        guard !changes.isEmpty else { return }
        try await bus.events.publish(
            changes.map(\.event), to: ExchangeName(StreamNames.fleetEvents),
            declaring: EventExchangeOptions(maximumAge: AlertStream.age, maximumBytes: AlertStream.bytes))
    }
}
