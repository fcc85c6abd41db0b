import BusClients
import BusTestKit
import Contracts
import HostProbe
import Runtime
import Testing

@testable import MetricsWorker

/// What the fleet says of monitoring holds in a worker without a restart.
@Suite struct MonitoringChangeTests {
    private static let configuration = Topic(StreamNames.fleetConfiguration)
    private static let samples = Topic(StreamNames.hostMetrics)
    private let memory = LogMemory()
    private let time = ManualTime()

    private struct Worker: Sendable {
        let bus: Bus
        let reader: RecordReader

        func next() async throws -> HostSample {
            let record = try await withDeadline("sample") { try await reader.next() }
            return try HostSample(json: record.record.value)
        }

        /// Sets the fleet's setting, as an ingress does.
        func set(_ value: String?, basedOn version: Int64, id: String = "i") async throws {
            let change = ConfigurationChange(
                id: id, setting: MonitoringSettings.setting, basedOn: version, value: value.map { Array($0.utf8) },
                changedAt: Timestamp(microseconds: 1), changedBy: "7")
            _ = try await bus.log.append([LogRecord(key: change.key, value: change.json)], to: configuration)
        }
    }

    private func run(
        sourceFile: String? = nil, interval: Duration = .seconds(1), _ fixture: Fixture,
        _ body: (Worker) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let bus = try await EmbeddedBus.open(EmbeddedBusConfiguration(folder: folder.path))
        try await bus.log.createTopic(Self.samples, TopicOptions())
        try await bus.log.createTopic(
            Self.configuration, TopicOptions(maximumAge: nil, maximumBytes: nil, isCompacted: true))
        let service = MetricsSamplingService(
            configuration: MetricsWorkerConfiguration(
                host: "a", interval: interval, sourceFile: sourceFile, alertFile: folder.path + "/alerts.json"),
            bus: bus, probe: fixture.probe(time), time: time, metrics: MetricsRegistry(),
            logger: Logger(component: "test", sink: LogSink(memory: memory)))
        let lifecycle = Lifecycle()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run(lifecycle) }
            let reader = RecordReader(try await bus.log.follow(Self.samples, from: [:]))
            try await body(Worker(bus: bus, reader: reader))
            lifecycle.requestStop()
            try await group.next()
        }
        await bus.close()
    }

    /// Waits until the next sample is due then.
    private func sleeps(until deadline: Duration) async throws {
        try await withDeadline("the next sample is due at \(deadline)") { [time] in
            while time.deadlines != [deadline] { await Task.yield() }
        }
    }

    private func logs(_ event: String) async throws {
        try await withDeadline(event) { [memory] in
            while !memory.lines.contains(where: { $0.contains(event) }) { await Task.yield() }
        }
    }

    private static func setting(_ members: String = "") -> String {
        #"{"interval_seconds":5,"alert_thresholds":{},"enabled_metrics":[],"retention_hours":24,"#
            + #""notification_webhooks":[],"intervals":{}\#(members)}"#
    }

    @Test func theIntervalChangesWithoutABurst() async throws {
        let fixture = try Fixture()
        try fixture.writeHost(seconds: 100)
        let start = time.uptime
        try await run(fixture) { worker in
            #expect(try await worker.next().interval == 1)
            try await worker.set(Self.setting(), basedOn: 0)
            // An interval after the last sample, not after the change.
            try await sleeps(until: start + .seconds(5))
            time.advance(by: .seconds(5))
            #expect(try await worker.next().interval == 5)
            try await sleeps(until: start + .seconds(10))
            time.advance(by: .seconds(4))
            // It is over already with the shorter interval: one sample now, and not those that it had missed.
            try await worker.set(nil, basedOn: 1, id: "j")
            let sample = try await worker.next()
            #expect(sample.interval == 1)
            #expect(sample.timestamp == time.now)
            try await sleeps(until: start + .seconds(10))
        }
        #expect(!memory.lines.contains { $0.contains("samples_missed") })
    }

    @Test func partsAreLeftOutAndHaveIntervalsOfTheirOwn() async throws {
        let fixture = try Fixture()
        try fixture.writeHost(seconds: 100)
        let start = time.uptime
        try await run(fixture) { worker in
            let whole = try await worker.next()
            #expect(whole.temperatures.count == 1)
            let value = Self.setting()
                .replacing(#""enabled_metrics":[]"#, with: #""enabled_metrics":["cpu","memory","network"]"#)
                .replacing(#""intervals":{}"#, with: #""intervals":{"network":20,"cpu":5,"memory":10}"#)
            try await worker.set(value, basedOn: 0)
            var received: [Double?] = []
            for round in 1...5 {
                try await sleeps(until: start + .seconds(5 * round))
                try fixture.writeHost(seconds: 100 + 5 * round)
                time.advance(by: .seconds(5))
                let sample = try await worker.next()
                #expect(sample.cpu.busyPercent == 50)
                #expect(sample.memory.usedPercent == 75)
                #expect(sample.disks.isEmpty && sample.fileSystems.isEmpty && sample.temperatures.isEmpty)
                #expect(sample.pressure == nil && sample.controlGroup == nil)
                received.append(sample.network.receivedBytesPerSecond)
            }
            // Of the whole host it was taken once; a rate needs two, and stays until the next.
            #expect(received == [nil, nil, nil, 1000, 1000])
        }
    }

    @Test func aSettingThatCannotBeReadChangesNothing() async throws {
        let fixture = try Fixture()
        try fixture.writeHost(seconds: 100)
        let start = time.uptime
        try await run(fixture) { worker in
            _ = try await worker.next()
            try await worker.set(Self.setting(), basedOn: 0, id: "1")
            try await sleeps(until: start + .seconds(5))
            try await worker.set(#"{"interval_seconds":"x"}"#, basedOn: 1, id: "2")
            try await logs("monitoring_setting_unreadable")
            // One that was based on a version that is over does not hold.
            try await worker.set(nil, basedOn: 1, id: "3")
            try await worker.set(Self.setting(#","alert_rules":[]"#), basedOn: 2, id: "4")
            try await withDeadline("the last change") { [memory] in
                while memory.lines.count(where: { $0.contains("monitoring_changed") }) < 2 { await Task.yield() }
            }
            try await sleeps(until: start + .seconds(5))
        }
        #expect(memory.lines.count { $0.contains("monitoring_setting_unreadable") } == 1)
    }

    @Test func thresholdsOfTheFleetRaiseAlerts() async throws {
        let fixture = try Fixture()
        try fixture.writeHost(seconds: 100)
        try fixture.write("/source.json", #"{"ram_percent": 70}"#)
        let start = time.uptime
        try await run(sourceFile: fixture.path + "/source.json", fixture) { worker in
            _ = try await worker.next()
            let rule =
                #","alert_rules":[{"name":"ram","metric":"memory_percent","for_seconds":0,"keep_firing_seconds":0,"#
                + #""levels":[{"severity":"high","enter":60}],"hosts":["b","a*"]}]"#
            try await worker.set(
                Self.setting(rule).replacing("[],\"retention", with: "[\"memory\"],\"retention"), basedOn: 0)
            try await sleeps(until: start + .seconds(5))
            time.advance(by: .seconds(5))
            _ = try await worker.next()
            try await logs("alert_raised")
            #expect(memory.lines.contains { $0.contains("memory_percent is 70.0, at or above 60.0") })
            // The rule goes, and with it what fires.
            try await worker.set(nil, basedOn: 1, id: "j")
            try await logs("The rule ram is not in effect any more")
        }
    }
}
