import BusClients
import BusTestKit
import Contracts
import Runtime
import Synchronization
import Testing

@testable import MetricsWorker

@Suite struct FleetSimulationTests {
    @Test func aSeedMakesAHost() throws {
        let at = Timestamp(microseconds: 1_790_000_000_000_000)
        var one = MadeUpHost("h", seed: 7, interval: .seconds(1))
        var same = MadeUpHost("h", seed: 7, interval: .seconds(1))
        var other = MadeUpHost("h", seed: 8, interval: .seconds(1))
        let samples = (0..<3).map { _ in one.sample(at: at) }
        #expect(samples == (0..<3).map { _ in same.sample(at: at) })
        #expect(samples != (0..<3).map { _ in other.sample(at: at) })
        for sample in samples {
            #expect(try HostSample(json: sample.json).json == sample.json)
            let percents = [sample.cpu.busyPercent, sample.memory.usedPercent, sample.fileSystems.first?.usedPercent]
            #expect(percents.allSatisfy { $0.map { (0...100).contains($0) } ?? false })
            #expect(sample.cpu.coreBusyPercent.count == sample.cpu.logicalCores)
        }
        #expect(samples[2].network.receivedBytes ?? 0 > samples[0].network.receivedBytes ?? 0)
    }

    @Test func somethingGoesWrongNowAndThen() {
        var host = MadeUpHost("h", seed: 3, interval: .seconds(1))
        let busy = (0..<20_000).compactMap { _ in host.sample(at: Timestamp(microseconds: 0)).cpu.busyPercent }
        #expect(busy.contains(99))
        #expect(busy.count { $0 < 99 } > 10_000)
    }

    @Test func everyHostReportsOnceAnInterval() async throws {
        let folder = try TemporaryFolder()
        let bus = try await EmbeddedBus.open(EmbeddedBusConfiguration(folder: folder.path))
        let topic = Topic(StreamNames.hostMetrics)
        try await bus.log.createTopic(topic, TopicOptions())
        let time = SystemTime()
        let simulation = FleetSimulation(
            .init(hosts: 12, interval: .milliseconds(200), prefix: "sim"), bus: bus, time: time)
        let reports = Mutex<[FleetSimulation.Report]>([])
        try await simulation.run(until: time.uptime + .milliseconds(900)) { report in
            reports.withLock { $0.append(report) }
        }
        let end = try await bus.log.offsets(of: topic)[0].upperBound
        let records = try await bus.log.read(topic, partition: 0, from: 0, limit: 1000)
        await bus.close()
        let samples = try records.map { try HostSample(json: $0.record.value) }
        #expect(Set(samples.map(\.host)) == Set((1...12).map { $0 < 10 ? "sim-0\($0)" : "sim-\($0)" }))
        #expect(zip(samples, records).allSatisfy { $0.host == $1.record.key })
        let report = try #require(reports.withLock { $0.last })
        #expect(report.samples == Int(end) && report.samples == samples.count)
        #expect(report.failed == 0)
        // What a busy machine missed is counted, and nobody reports more often than he should.
        for host in Set(samples.map(\.host)) { #expect((1...5).contains(samples.count { $0.host == host })) }
    }

    @Test func aBusThatRefusesIsCountedAndToldOf() async throws {
        let time = SystemTime()
        let folder = try TemporaryFolder()
        let embedded = try await EmbeddedBus.open(EmbeddedBusConfiguration(folder: folder.path))
        // The topic does not exist.
        let simulation = FleetSimulation(.init(hosts: 3, interval: .milliseconds(100)), bus: embedded, time: time)
        let reports = Mutex<[FleetSimulation.Report]>([])
        try await simulation.run(until: time.uptime + .milliseconds(250)) { report in
            reports.withLock { $0.append(report) }
        }
        await embedded.close()
        let report = try #require(reports.withLock { $0.last })
        #expect(report.samples == 0 && report.failed >= 3)
        #expect(report.problem?.isEmpty == false)
    }
}
