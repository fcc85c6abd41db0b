import BusClients
import BusTestKit
import Contracts
import HostProbe
import Runtime
import Testing

@testable import MetricsWorker

@Suite struct MetricsSamplingServiceTests {
    private let topic = Topic(StreamNames.hostMetrics)
    private let registry = MetricsRegistry()
    private let memory = LogMemory()

    private func service(
        _ bus: Bus, _ time: any TimeSource, sourceFile: String? = nil, probe: @escaping @Sendable () -> HostSampler
    ) -> MetricsSamplingService {
        MetricsSamplingService(
            configuration: MetricsWorkerConfiguration(host: "a", sourceFile: sourceFile), bus: bus, probe: probe,
            time: time, metrics: registry, logger: Logger(component: "test", sink: LogSink(memory: memory)))
    }

    /// Runs the service on an embedded bus; the body is handed the next samples of the topic.
    private func run(
        _ time: ManualTime, _ fixture: Fixture, sourceFile: String? = nil,
        _ body: (_ next: () async throws -> StoredRecord) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let bus = try await EmbeddedBus.open(EmbeddedBusConfiguration(folder: folder.path))
        try await bus.log.createTopic(topic, TopicOptions())
        let service = service(bus, time, sourceFile: sourceFile, probe: fixture.probe(time))
        let lifecycle = Lifecycle()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run(lifecycle) }
            let reader = RecordReader(try await bus.log.follow(topic, from: [:]))
            try await body { try await withDeadline("sample") { try await reader.next() } }
            lifecycle.requestStop()
            // A graceful stop is no error.
            try await group.next()
        }
        await bus.close()
    }

    private func sample(_ record: StoredRecord) throws -> HostSample { try HostSample(json: record.record.value) }

    @Test func appendsASampleAnIntervalUnderTheHostsName() async throws {
        let time = ManualTime()
        let fixture = try Fixture()
        try fixture.writeHost(seconds: 100)
        let start = time.now
        try await run(time, fixture) { next in
            let first = try await next()
            #expect(first.record.key == "a")
            #expect(try sample(first).timestamp == start)
            #expect(try sample(first).cpu.busyPercent == nil)
            for second in 1...5 {
                try fixture.writeHost(seconds: 100 + second)
                time.advance(by: .seconds(1))
                let sample = try sample(try await next())
                #expect(sample.timestamp == start.advanced(by: .seconds(second)))
                #expect(sample.cpu.busyPercent == 50)
                #expect(sample.network.receivedBytesPerSecond == 1000)
                let sampler = try #require(sample.sampler)
                #expect((1...1_000_000).contains(try #require(sampler.cpuMicroseconds)))
                #expect(try #require(sampler.durationMicroseconds) >= 1)
                // A test with its libraries is not below a mebibyte, nor beyond what a machine has.
                #expect((1 << 20...1 << 40).contains(try #require(sampler.residentBytes)))
                #expect(sampler.missed == 0)
            }
        }
        let text = registry.render()
        #expect(text.contains("flotilla_metrics_samples_total 6"))
        #expect(text.contains("flotilla_metrics_sample_seconds_count 6"))
        #expect(text.contains("flotilla_metrics_sample_cpu_seconds_total"))
    }

    @Test func measuresTrueRatesAcrossAStepOfTheWallClock() async throws {
        let time = ManualTime()
        let fixture = try Fixture()
        try fixture.writeHost(seconds: 100)
        let start = time.now
        try await run(time, fixture) { next in
            _ = try await next()
            time.stepWallClock(by: .seconds(-3600))
            try fixture.writeHost(seconds: 101)
            time.advance(by: .seconds(1))
            let sample = try sample(try await next())
            #expect(sample.timestamp == start.advanced(by: .seconds(-3599)))
            #expect(sample.network.receivedBytesPerSecond == 1000)
            #expect(sample.disks.first?.readBytesPerSecond == 1_048_576)
        }
    }

    @Test func goesOnAfterASuspensionWithoutCatchingUp() async throws {
        let time = ManualTime()
        let fixture = try Fixture()
        try fixture.writeHost(seconds: 100)
        let start = time.now
        try await run(time, fixture) { next in
            _ = try await next()
            time.advance(by: .seconds(3600))
            #expect(try sample(try await next()).timestamp == start.advanced(by: .seconds(3600)))
            time.advance(by: .seconds(1))
            // One sample at the end of the suspension, or two: the one that was waited for and the one due then.
            var sample = try sample(try await next())
            if sample.timestamp == start.advanced(by: .seconds(3600)) { sample = try self.sample(try await next()) }
            #expect(sample.timestamp == start.advanced(by: .seconds(3601)))
            // Of those due while the host slept one was taken late, the first; or none, if the host slept before the
            // service did.
            #expect((3598...3599).contains(try #require(sample.sampler?.missed)))
        }
        #expect(memory.lines.contains { $0.contains("samples_missed") })
    }

    @Test func losesASourceAndSaysSoOnce() async throws {
        let time = ManualTime()
        let fixture = try Fixture()
        try fixture.writeHost(seconds: 100)
        try await run(time, fixture) { next in
            _ = try await next()
            try fixture.write("/proc/stat", "nonsense")
            for _ in 1...3 {
                time.advance(by: .seconds(1))
                let sample = try sample(try await next())
                #expect(sample.cpu.busyPercent == nil)
                #expect(sample.memory.usedPercent == 75)
            }
            try fixture.writeHost(seconds: 101)
            time.advance(by: .seconds(1))
            #expect(try sample(try await next()).cpu.logicalCores == 2)
        }
        #expect(memory.lines.count { $0.contains("source_unreadable") && $0.contains("/proc/stat") } == 1)
        #expect(memory.lines.count { $0.contains("source_recovered") && $0.contains("/proc/stat") } == 1)
    }

    @Test func replacesValuesByThoseOfTheSourceFile() async throws {
        let time = ManualTime()
        let fixture = try Fixture()
        try fixture.writeHost(seconds: 100)
        try fixture.write("/source.json", #"{"vram_used_mb": 950, "vram_total_mb": 1000, "ram_percent": 93}"#)
        try await run(time, fixture, sourceFile: fixture.path + "/source.json") { next in
            let sample = try sample(try await next())
            #expect(sample.gpus.first?.memoryUsedPercent == 95)
            #expect(sample.memory.usedPercent == 93)
            #expect(sample.memory.total == 1000 << 10)
        }
    }

    @Test func samplesThisHost() async throws {
        let folder = try TemporaryFolder()
        let bus = try await EmbeddedBus.open(EmbeddedBusConfiguration(folder: folder.path))
        try await bus.log.createTopic(topic, TopicOptions())
        let service = service(bus, SystemTime(), probe: { HostSampler() })
        let lifecycle = Lifecycle()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run(lifecycle) }
            let reader = RecordReader(try await bus.log.follow(topic, from: [:]))
            _ = try await withDeadline("first sample") { try await reader.next() }
            let record = try await withDeadline("second sample") { try await reader.next() }
            let sample = try sample(record)
            let busy = try #require(sample.cpu.busyPercent)
            #expect((0...100).contains(busy))
            let used = try #require(sample.memory.usedPercent)
            #expect((0...100).contains(used))
            lifecycle.requestStop()
            try await group.next()
        }
        await bus.close()
    }
}
