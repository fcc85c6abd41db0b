import BusClients
import BusTestKit
import Contracts
import Runtime
import Synchronization
import Testing

@testable import MetricsWorker

@Suite struct MonitoringFollowerTests {
    private static let topic = Topic(StreamNames.fleetConfiguration)

    private static func change(_ interval: Int, basedOn version: Int64, id: String) -> LogRecord {
        var settings = MonitoringSettings()
        settings.interval = interval
        let change = ConfigurationChange(
            id: id, setting: MonitoringSettings.setting, basedOn: version, value: settings.json,
            changedAt: Timestamp(microseconds: 1), changedBy: "7")
        return LogRecord(key: change.key, value: change.json)
    }

    private static func other(_ name: String) -> LogRecord {
        LogRecord(key: "\(name)#x", value: Array("not JSON".utf8))
    }

    /// Runs a follower; the body is handed what it is told: the interval, nil without a setting.
    private static func run(
        _ bus: Bus, _ time: ManualTime, _ body: (_ next: () async throws -> Int?) async throws -> Void
    ) async throws {
        let (stream, continuation) = AsyncStream<Int?>.makeStream()
        let follower = MonitoringFollower(log: bus.log, time: time, logger: .silent)
        let running = Task { await follower.run { continuation.yield($0?.interval) } }
        let iterator = Mutexed(stream.makeAsyncIterator())
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body { try await withDeadline("a change") { await iterator.next() } })
        } catch { outcome = .failure(error) }
        running.cancel()
        await running.value
        try outcome.get()
    }

    @Test func tellsWhatHoldsAndThenEachChange() async throws {
        let folder = try TemporaryFolder()
        let bus = try await EmbeddedBus.open(EmbeddedBusConfiguration(folder: folder.path))
        try await bus.log.createTopic(Self.topic, TopicOptions())
        _ = try await bus.log.append(
            [
                Self.other("user/monitoring"), Self.change(10, basedOn: 0, id: "a"), Self.other("monitoringx"),
                Self.change(11, basedOn: 1, id: "b"), Self.change(99, basedOn: 1, id: "late"), Self.other("z"),
            ], to: Self.topic)
        try await Self.run(bus, ManualTime()) { next in
            #expect(try await next() == 11, "what was before is over")
            _ = try await bus.log.append([Self.change(12, basedOn: 2, id: "c")], to: Self.topic)
            #expect(try await next() == 12)
            // Deleted from the log as nothing needs it any more: first one that was replaced, then the one that holds.
            _ = try await bus.log.append(
                [
                    LogRecord(key: "monitoring#b", value: []), LogRecord(key: "monitoring#c", value: []),
                    Self.change(13, basedOn: 7, id: "d"),
                ], to: Self.topic)
            #expect(try await next() == 13, "a setting that is unknown takes every change")
        }
        await bus.close()
    }

    @Test func aBusThatIsAwayIsTriedAgain() async throws {
        let folder = try TemporaryFolder()
        let bus = try await EmbeddedBus.open(EmbeddedBusConfiguration(folder: folder.path))
        let time = ManualTime()
        try await Self.run(bus, time) { next in
            try await withDeadline("it waits") { while time.deadlines.isEmpty { await Task.yield() } }
            try await bus.log.createTopic(Self.topic, TopicOptions())
            _ = try await bus.log.append([Self.change(20, basedOn: 0, id: "a")], to: Self.topic)
            time.advance(by: .seconds(10))
            #expect(try await next() == 20)
        }
        await bus.close()
    }

    @Test func aFleetWithoutTheSettingIsSaidToHaveNone() async throws {
        let folder = try TemporaryFolder()
        let bus = try await EmbeddedBus.open(EmbeddedBusConfiguration(folder: folder.path))
        try await bus.log.createTopic(Self.topic, TopicOptions())
        try await Self.run(bus, ManualTime()) { next in
            let told = try await next()
            #expect(told == nil)
        }
        await bus.close()
    }
}

/// An iterator that several calls use, one after the other.
private actor Mutexed {
    private var iterator: AsyncStream<Int?>.Iterator

    init(_ iterator: AsyncStream<Int?>.Iterator) { self.iterator = iterator }

    func next() async -> Int? {
        var copy = iterator
        return await copy.next(isolation: self) ?? nil
    }
}
