import BusClients
import BusTestKit
import Contracts
import HostProbe
import Runtime
import Testing

@testable import MetricsWorker

@Suite struct SampleOnRequestTests {
    /// A clock on which a wait is over when the body is.
    private struct QuickTime: TimeSource {
        let manual = ManualTime()
        let wait: @Sendable () throws -> Void

        var now: Timestamp { manual.now }
        var uptime: Duration { manual.uptime }

        func sleep(until deadline: Duration) async throws {
            try wait()
            manual.advance(by: deadline - manual.uptime)
        }
    }

    private func take(
        _ log: StubLog, _ fixture: Fixture, wait: @escaping @Sendable () throws -> Void = {}
    ) async throws -> Timestamp {
        let configuration = MetricsWorkerConfiguration(host: "a")
        let taker = SampleOnRequest(
            configuration, plan: SamplingPlan(configuration),
            probe: { [path = fixture.path] in HostSampler(root: path) }, log: log, time: QuickTime(wait: wait),
            logger: .silent)
        return try await taker.take()
    }

    @Test func ratesAreOverItsOwnTwoReadings() async throws {
        let fixture = try Fixture()
        let log = StubLog()
        try fixture.write("/proc/stat", "cpu  100 0 0 100 0 0 0 0\ncpu0 100 0 0 100 0 0 0 0\nbtime 1763721000\n")
        let at = try await take(log, fixture) {
            try fixture.write("/proc/stat", "cpu  105 0 0 115 0 0 0 0\ncpu0 105 0 0 115 0 0 0 0\nbtime 1763721000\n")
        }
        var appends = log.appends.makeAsyncIterator()
        let record = try #require(await appends.next()?.first)
        let sample = try HostSample(json: record.value)
        #expect(record.key == "a")
        #expect(sample.timestamp == at)
        #expect(sample.cpu.busyPercent == 25)
    }

    @Test func aTopicThatIsNotThereIsMade() async throws {
        let log = StubLog(failing: BusError(.unknownTopic, "stub"))
        _ = try await take(log, Fixture())
        #expect(log.createdTopics == 1)
    }

    @Test func aBusThatIsAwayIsSaid() async throws {
        let log = StubLog(failing: BusError(.unavailable, "stub"))
        let fixture = try Fixture()
        await #expect(throws: BusError.self) { try await take(log, fixture) }
    }
}
