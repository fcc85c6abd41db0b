import BusClients
import BusTestKit
import Glibc
import Runtime
import SQLiteKit
import Testing

@testable import Ingress

@Suite struct ProjectionRunnerTests {
    private static let topic = Topic("numbers")
    private static let exchange = ExchangeName("news")

    private let folder: TemporaryFolder
    private let memory = LogMemory()
    private var logger: Logger { Logger(component: "test", sink: LogSink(memory: memory)) }

    init() throws { folder = try TemporaryFolder() }

    private func openBus(in path: String? = nil) async throws -> Bus {
        let bus = try await EmbeddedBus.open(
            EmbeddedBusConfiguration(folder: path ?? folder.path), time: SystemTime(), logger: .silent, metrics: nil)
        try await bus.log.createTopic(Self.topic, TopicOptions(partitions: 2))
        try await bus.events.declare(Self.exchange, EventExchangeOptions())
        return bus
    }

    private func append(_ bodies: String..., to bus: Bus) async throws {
        _ = try await bus.log.append(
            bodies.map { LogRecord(key: $0, value: Array($0.utf8)) }, to: Self.topic)
    }

    private func publish(_ key: String, _ body: String, to bus: Bus) async throws {
        try await bus.events.publish(
            [Event(routingKey: RoutingKey(key), message: Message(id: MessageID(body), body: Array(body.utf8)))],
            to: Self.exchange)
    }

    /// Runs the projection until it has caught up, then ends it as a crash would: without a word.
    private func catchUp(_ projection: TallyProjection, on bus: Bus) async throws -> [String: Int] {
        let metrics = MetricsRegistry()
        let database = try await ViewsStore.open(
            path: "\(folder.path)/views.db", projections: [projection], metrics: metrics, logger: logger)
        let runner = ProjectionRunner(
            projections: [projection], bus: bus, database: database, time: SystemTime(), metrics: metrics,
            logger: logger)
        let running = Task { try await runner.run() }
        try await withDeadline("catching up") { await runner.waitUntilCaughtUp(atMost: .seconds(15)) }
        #expect(runner.isCaughtUp)
        running.cancel()
        try await running.value
        let rows = try await database.read { connection in
            try connection.query("SELECT body, applied FROM tally") { ($0.text(0), Int($0.int(1))) }
        }
        try await database.close()
        return Dictionary(uniqueKeysWithValues: rows)
    }

    @Test func appliesEveryRecordOnceAcrossRestarts() async throws {
        let bus = try await openBus()
        let source = ProjectionSource.log(Self.topic)
        try await append("a", "b", "c", to: bus)
        #expect(try await catchUp(TallyProjection(source), on: bus) == ["a": 1, "b": 1, "c": 1])
        try await append("d", to: bus)
        let second = TallyProjection(source)
        #expect(try await catchUp(second, on: bus) == ["a": 1, "b": 1, "c": 1, "d": 1])
        #expect(second.commits == [["d"]])
        await bus.close()
    }

    @Test func aFailedTransactionIsReplayedAndCountsOnce() async throws {
        let bus = try await openBus()
        try await append("a", "b", to: bus)
        let source = ProjectionSource.log(Self.topic)
        let projection = TallyProjection(source)
        let database = try await ViewsStore.open(
            path: "\(folder.path)/views.db", projections: [projection], metrics: MetricsRegistry(), logger: logger)
        // Rows without their offset cannot be: what a crash between the two would leave is rolled back with them.
        await #expect(throws: BusError.self) {
            try await database.write { connection in
                try connection.run("INSERT INTO tally (body, applied) VALUES ('a', 1)")
                try connection.storeProjectionOffset("tally", "numbers", partition: 0, next: 1)
                throw BusError(.diskFull, "made up")
            }
        }
        try await database.close()
        #expect(try await catchUp(projection, on: bus) == ["a": 1, "b": 1])
        await bus.close()
    }

    @Test func skipsPoisonAndGoesOn() async throws {
        let bus = try await openBus()
        try await append("a", "poison", "b", to: bus)
        let counts = try await catchUp(TallyProjection(.log(Self.topic)), on: bus)
        #expect(counts == ["a": 1, "b": 1])
        let line = memory.lines.first { $0.contains("poison_record_skipped") }
        #expect(line?.contains("source=numbers") == true)
        #expect(line?.contains("offset=") == true)
        #expect(line?.contains("it is poison") == true)
        #expect(try await catchUp(TallyProjection(.log(Self.topic)), on: bus) == counts)
        #expect(memory.lines.count { $0.contains("poison_record_skipped") } == 1)
        await bus.close()
    }

    @Test func followsAnExchangeByPattern() async throws {
        let bus = try await openBus()
        try await publish("news.good", "g", to: bus)
        try await publish("other.bad", "b", to: bus)
        let projection = TallyProjection(.exchange(Self.exchange, "news.*"))
        #expect(try await catchUp(projection, on: bus) == ["g": 1])
        await bus.close()
    }

    @Test func rebuildsADeletedFile() async throws {
        let bus = try await openBus()
        try await append("a", "b", "c", to: bus)
        let before = try await catchUp(TallyProjection(.log(Self.topic)), on: bus)
        for suffix in ["", "-wal", "-shm"] { unlink("\(folder.path)/views.db\(suffix)") }
        #expect(try await catchUp(TallyProjection(.log(Self.topic)), on: bus) == before)
        await bus.close()
    }

    @Test func movesADamagedFileAsideAndRebuilds() async throws {
        let bus = try await openBus()
        try await append("a", to: bus)
        let descriptor = open("\(folder.path)/views.db", O_WRONLY | O_CREAT, 0o600)
        let junk = [UInt8](repeating: 0x55, count: 8192)
        #expect(write(descriptor, junk, junk.count) == junk.count)
        close(descriptor)
        #expect(try await catchUp(TallyProjection(.log(Self.topic)), on: bus) == ["a": 1])
        #expect(memory.lines.contains { $0.contains("views_rebuilt") })
        #expect(access("\(folder.path)/views.db.damaged", F_OK) == 0)
        await bus.close()
    }

    @Test func goesOnWithATopicThatWasMadeAgain() async throws {
        let bus = try await openBus()
        try await append("a", "b", "c", "d", to: bus)
        _ = try await catchUp(TallyProjection(.log(Self.topic)), on: bus)
        await bus.close()
        let elsewhere = try TemporaryFolder()
        let fresh = try await openBus(in: elsewhere.path)
        try await append("e", to: fresh)
        #expect(try await catchUp(TallyProjection(.log(Self.topic)), on: fresh)["e"] == 1)
        await fresh.close()
    }

    @Test func outlivesABusThatIsAway() async throws {
        let bus = try await openBus()
        await bus.close()
        let projection = TallyProjection(.log(Self.topic))
        let database = try await ViewsStore.open(
            path: "\(folder.path)/views.db", projections: [projection], metrics: MetricsRegistry(), logger: logger)
        let runner = ProjectionRunner(
            projections: [projection], bus: bus, database: database, time: SystemTime(), metrics: MetricsRegistry(),
            logger: logger)
        let running = Task { try await runner.run() }
        try await withDeadline("two attempts") {
            while memory.lines.count(where: { $0.contains("projection_interrupted") }) < 2 { await Task.yield() }
        }
        #expect(!runner.isCaughtUp)
        running.cancel()
        try await running.value
        try await database.close()
    }
}
