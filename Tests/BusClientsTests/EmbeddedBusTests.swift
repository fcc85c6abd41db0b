import BusTestKit
import Glibc
import Runtime
import SQLiteKit
import Synchronization
import Testing

@testable import BusClients

/// What only the embedded transport promises: restarts, several processes on one file, clocks.
@Suite struct EmbeddedBusTests {
    @Test func keepsEverythingOverARestart() async throws {
        let folder = try TemporaryFolder()
        let first = try await open(folder)
        try await first.queues.declare("jobs", WorkQueueOptions())
        try await first.events.declare("events", EventExchangeOptions())
        try await first.log.createTopic("log", TopicOptions(partitions: 2))
        try await first.queues.enqueue([job("1"), job("2")], to: "jobs")
        try await first.events.publish([Event(routingKey: "k", message: message("e"))], to: "events")
        let position = try await first.log.append([LogRecord(key: "k", value: [1])], to: "log")
        await first.close()

        let second = try await open(folder)
        #expect(try await second.queues.status(of: "jobs").ready == 2)
        #expect(try await second.events.history(of: "events") == 0..<1)
        #expect(
            try await second.log.append([LogRecord(key: "k", value: [2])], to: "log")[0].offset == position[0].offset
                + 1)
        await second.close()
    }

    @Test func refusesTheFileOfANewerVersion() async throws {
        let folder = try TemporaryFolder()
        let bus = try await open(folder)
        try await bus.log.createTopic("log", TopicOptions())
        await bus.close()
        let path = "\(folder.path)/bus.db"
        let newer = try await Database.open(
            DatabaseConfiguration(path: path, durability: .full, name: "newer"), migrations: EmbeddedSchema.migrations,
            logger: .silent)
        try await newer.write { _ = try $0.run("INSERT INTO migrations (name) VALUES ('bus-99')") }
        try await newer.close()
        await #expect {
            try await open(folder)
        } throws: {
            guard let error = $0 as? BusError else { return false }
            return error.code == .unsupported && error.message.contains("newer version: it holds 'bus-99'")
                && !error.isRetriable
        }
    }

    @Test func givesBackTheLeasesOfAProcessThatVanished() async throws {
        let folder = try TemporaryFolder()
        let first = try await open(folder)
        try await first.queues.declare("jobs", WorkQueueOptions(leaseDuration: .seconds(3600)))
        try await first.queues.enqueue([job("1")], to: "jobs")
        let held = try await take(1, from: first)
        // A copy of the folder is what a killed process leaves: its lease is there, its lock is not.
        let copy = try TemporaryFolder()
        for name in ["bus.db", "bus.db-wal"] { try copyFile("\(folder.path)/\(name)", "\(copy.path)/\(name)") }
        let second = try await open(copy)
        let again = try await take(1, from: second)
        #expect(again[0].isRedelivered && again[0].message == held[0].message)
        await second.close()
        await first.close()
    }

    @Test func wakesAConsumerOfAnotherProcess() async throws {
        let folder = try TemporaryFolder()
        let (one, two) = (try await open(folder), try await open(folder))
        try await one.queues.declare("jobs", WorkQueueOptions())
        try await one.events.declare("events", EventExchangeOptions())
        let deliveries = try await two.queues.consume("jobs", prefetch: 1)
        let events = try await two.events.subscribe(to: "events", matching: [.all], from: .next)
        async let delivery = next(deliveries)
        async let event = next(events)
        for index in 0..<5 {
            try await one.queues.enqueue([job("\(index)")], to: "jobs")
            try await one.events.publish([Event(routingKey: "k", message: message("\(index)"))], to: "events")
        }
        #expect(try await delivery?.first?.message.id == "0")
        #expect(try await event?.first?.message.id == "0")
        await two.close()
        await one.close()
    }

    @Test func aClockSteppedBackLeavesNoNegativeAgeAndNoStuckLease() async throws {
        try await withEmbeddedBus { bus, time, _ in
            try await bus.queues.declare("jobs", WorkQueueOptions(leaseDuration: .seconds(10)))
            try await bus.queues.enqueue([job("1")], to: "jobs")
            let consumer = try await bus.queues.consume("jobs", prefetch: 1)
            var iterator = consumer.makeAsyncIterator()
            let first = try #require(try await iterator.next())
            time.stepWallClock(by: .seconds(-3600))
            #expect(try await bus.queues.status(of: "jobs").oldestAge == .zero)
            first[0].retry(after: .seconds(5), reason: "later")
            let core = Task { try await take(1, from: bus) }
            try await until { try await bus.queues.status(of: "jobs").delayed == 1 }
            time.advance(by: .seconds(6))
            #expect(try await core.value[0].attempt == 2)
        }
    }

    @Test func anExpiredLeaseIsDeliveredAgainAndTheOldOneSettlesNothing() async throws {
        let folder = try TemporaryFolder()
        let (firstTime, secondTime) = (ManualTime(), ManualTime())
        let first = try await open(folder, time: firstTime)
        let second = try await open(folder, time: secondTime)
        try await first.queues.declare("jobs", WorkQueueOptions(leaseDuration: .seconds(10)))
        try await first.queues.enqueue([job("1")], to: "jobs")
        let stale = try await take(1, from: first)
        // The first process is stopped: only the second one's clock goes on.
        secondTime.advance(by: .seconds(11))
        let fresh = try await take(1, from: second)
        #expect(fresh[0].attempt == 2)
        stale[0].ack()
        try await until { try await second.queues.status(of: "jobs").inFlight >= 0 }
        #expect(try await first.queues.status(of: "jobs").oldestAge != nil)
        fresh[0].ack()
        try await until { try await second.queues.status(of: "jobs").oldestAge == nil }
        await second.close()
        await first.close()
    }

    @Test func aJobDeliveredTwiceToOneConsumerIsSettledByTheSecondDelivery() async throws {
        try await withEmbeddedBus { bus, time, _ in
            try await bus.queues.declare("jobs", WorkQueueOptions(leaseDuration: .seconds(3600)))
            try await bus.queues.enqueue([job("1")], to: "jobs")
            let consumer = try await bus.queues.consume("jobs", prefetch: 2)
            var iterator = consumer.makeAsyncIterator()
            let stale = try #require(try await iterator.next())
            // The machine slept longer than the lease: the next look comes before the renewal.
            time.skip(by: .seconds(3601))
            let fresh = try #require(try await iterator.next())
            #expect(fresh[0].attempt == 2)
            stale[0].ack()
            fresh[0].ack()
            try await until { try await bus.queues.status(of: "jobs").oldestAge == nil }
        }
    }

    @Test func theFirstJobOfAnotherProcessWakes() async throws {
        for _ in 0..<20 {
            let folder = try TemporaryFolder()
            let one = try await open(folder)
            try await one.queues.declare("jobs", WorkQueueOptions())
            let two = try await open(folder)
            let deliveries = try await two.queues.consume("jobs", prefetch: 1)
            async let delivery = next(deliveries)
            try await until { try await one.queues.status(of: "jobs").consumers == 1 }
            try await one.queues.enqueue([job("1")], to: "jobs")
            #expect(try await delivery?.first?.message.id == "1")
            await two.close()
            await one.close()
        }
    }

    @Test func closingUnderLoadEndsEveryoneInOrder() async throws {
        for _ in 0..<10 {
            let folder = try TemporaryFolder()
            let bus = try await open(folder)
            try await bus.queues.declare("jobs", WorkQueueOptions())
            try await bus.log.createTopic("log", TopicOptions())
            let work = (0..<8).map { number in
                Task {
                    let deliveries = try await bus.queues.consume("jobs", prefetch: 4)
                    async let consuming: Void = {
                        for try await batch in deliveries { for one in batch { one.ack() } }
                    }()
                    for index in 0..<10_000 {
                        try await bus.queues.enqueue([job("\(number)-\(index)")], to: "jobs")
                        _ = try await bus.log.append([LogRecord(key: "k", value: [1])], to: "log")
                    }
                    try await consuming
                }
            }
            try await until { try await bus.log.offsets(of: "log")[0].upperBound > 20 }
            await bus.close()
            for task in work {
                let result = try await withDeadline("the end of a worker") { await task.result }
                if case .failure(let error) = result { #expect((error as? BusError)?.code == .closed, "\(error)") }
            }
        }
    }

    @Test func retentionDeletesTheOldAndKeepsTheOffsets() async throws {
        let folder = try TemporaryFolder()
        let time = ManualTime()
        let bus = try await EmbeddedBus.open(
            EmbeddedBusConfiguration(folder: folder.path, retentionInterval: .seconds(30)), time: time,
            logger: .silent, metrics: nil)
        try await bus.events.declare("aged", EventExchangeOptions(maximumAge: .seconds(60)))
        try await bus.log.createTopic("sized", TopicOptions(maximumAge: nil, maximumBytes: 1000))
        try await bus.events.publish([Event(routingKey: "old", message: message("1"))], to: "aged")
        _ = try await bus.log.append(
            (0..<20).map { LogRecord(key: "k", value: [UInt8](repeating: $0, count: 99)) }, to: "sized")
        time.advance(by: .seconds(61))
        try await bus.events.publish([Event(routingKey: "new", message: message("2"))], to: "aged")
        try await until {
            time.advance(by: .seconds(10))
            let events = try await bus.events.history(of: "aged")
            let records = try await bus.log.offsets(of: "sized")[0]
            return events.lowerBound >= 1 && records == 10..<20
        }
        await bus.close()
    }

    @Test func aDamagedFileIsRefusedAsCorrupt() async throws {
        let folder = try TemporaryFolder()
        let descriptor = Glibc.open("\(folder.path)/bus.db", O_CREAT | O_WRONLY, 0o600)
        let garbage = [UInt8](repeating: 0x55, count: 8192)
        _ = Glibc.write(descriptor, garbage, garbage.count)
        Glibc.close(descriptor)
        await #expect { try await open(folder) } throws: { ($0 as? BusError)?.code == .corrupt }
    }

    @Test func memoryStaysBoundedWhenAConsumerStopsReading() async throws {
        try await withEmbeddedBus { bus, _, _ in
            try await bus.queues.declare("jobs", WorkQueueOptions(maximumLength: 5000))
            let held = try await bus.queues.consume("jobs", prefetch: 10)
            let body = [UInt8](repeating: 7, count: 1000)
            var refused = 0
            for batch in 0..<60 {
                do {
                    try await bus.queues.enqueue(
                        (0..<100).map { Job(Message(id: MessageID("\(batch)-\($0)"), body: body)) }, to: "jobs")
                } catch let error as BusError where error.code == .queueFull {
                    refused += 1
                }
            }
            #expect(refused == 10)
            var iterator = held.makeAsyncIterator()
            #expect(try await iterator.next()?.count == 10)
        }
    }

    // MARK: - Parts

    private func open(_ folder: TemporaryFolder, time: any TimeSource = SystemTime()) async throws -> Bus {
        try await EmbeddedBus.open(
            EmbeddedBusConfiguration(folder: folder.path), time: time, logger: .silent, metrics: nil)
    }

    private func message(_ id: String) -> Message { Message(id: MessageID(id), body: Array(id.utf8)) }

    private func job(_ id: String) -> Job { Job(message(id)) }

    private func take(_ count: Int, from bus: Bus) async throws -> [Delivery] {
        let deliveries = try await bus.queues.consume("jobs", prefetch: count)
        // The consumer must outlive the test's look at its lease.
        Self.kept.keep(deliveries)
        return try #require(try await next(deliveries))
    }

    private func next<S: AsyncSequence & Sendable>(_ sequence: S) async throws -> S.Element? where S.Element: Sendable {
        try await withDeadline("an element") {
            var iterator = sequence.makeAsyncIterator()
            return try await iterator.next()
        }
    }

    private func until(_ condition: @escaping @Sendable () async throws -> Bool) async throws {
        try await withDeadline("a condition") {
            while try await !condition() { try await Task.sleep(for: .milliseconds(2)) }
        }
    }

    private func copyFile(_ source: String, _ target: String) throws {
        let input = Glibc.open(source, O_RDONLY)
        let output = Glibc.open(target, O_CREAT | O_WRONLY, 0o600)
        defer {
            Glibc.close(input)
            Glibc.close(output)
        }
        try #require(input >= 0 && output >= 0)
        while sendfile(output, input, nil, 1 << 20) > 0 {}
    }

    private static let kept = Kept()
}

/// Keeps consumers alive until the process ends.
private final class Kept: Sendable {
    private let all = Mutex<[Deliveries]>([])
    func keep(_ deliveries: Deliveries) { all.withLock { $0.append(deliveries) } }
}
