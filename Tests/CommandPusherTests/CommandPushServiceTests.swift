import BusClients
import BusTestKit
import CommandPusher
import Contracts
import Runtime
import Testing

@Suite struct CommandPushServiceTests {
    @Test func publishesInOrderWithEvidence() async throws {
        let fixture = try await PusherFixture()
        for job in 0..<20 {
            let lines = try (0..<50).map { try PusherFixture.line("\(job)-\($0)", device: "d\($0 % 5)") }
            try await fixture.enqueue("job-\(job)", lines)
        }
        let statuses = try await fixture.pushing {
            let statuses = try await fixture.statuses(1000)
            try await fixture.drained()
            return statuses
        }
        #expect(statuses.count == 1000)
        #expect(statuses.map(\.requestID) == (0..<20).flatMap { job in (0..<50).map { "\(job)-\($0)" } })
        let records = try await fixture.records()
        #expect(records.count == 1000)
        for device in 0..<5 {
            let own = records.filter { $0.record.key == "d\(device)" }
            let ids = own.compactMap { $0.record.headers[CommandRecord.requestIDHeader] }
            #expect(ids == (0..<20).flatMap { job in (0..<50).filter { $0 % 5 == device }.map { "\(job)-\($0)" } })
        }
        let first = try #require(statuses.first)
        #expect(first.history.map(\.state) == [.accepted, .published])
        #expect(first.history[0].evidence == .job(queue: "command.requests", messageID: "job-0"))
        guard case .record(let topic, let partition, let offset) = first.history[1].evidence else {
            Issue.record("published without a position")
            return
        }
        let record = records.first { $0.position == LogPosition(partition: partition, offset: offset) }
        #expect(topic == "device_commands")
        #expect(record?.record.headers[CommandRecord.requestIDHeader] == "0-0")
    }

    @Test func neverPublishesAnExpiredCommand() async throws {
        let fixture = try await PusherFixture()
        let past = SystemTime().now.advanced(by: .milliseconds(-1))
        try await fixture.enqueue(
            "job", [try PusherFixture.line("late", expiresAt: past), try PusherFixture.line("good")])
        let statuses = try await fixture.pushing { try await fixture.statuses(2) }
        #expect(statuses.map { $0.history.last?.state } == [.expired, .published])
        #expect(try await fixture.publishedIDs() == ["good"])
    }

    @Test func sendsPoisonToTheDeadLettersAndGoesOn() async throws {
        let fixture = try await PusherFixture()
        try await fixture.enqueue("poison", [Array("{\"record\":".utf8)])
        try await fixture.enqueue("job", [try PusherFixture.line("good")])
        _ = try await fixture.pushing {
            _ = try await fixture.statuses(1)
            try await fixture.drained()
        }
        let letters = try await fixture.bus.queues.deadLetters(of: PusherFixture.queue, after: nil, limit: 10)
        #expect(letters.map(\.message.id) == ["poison"])
        #expect(letters.first?.reason.hasPrefix("undecodable command job") == true)
    }

    @Test(arguments: [PusherFixture.topic, PusherFixture.statusTopic])
    func anAppendThatFailsIsRepeatedWithoutDuplicates(_ topic: Topic) async throws {
        let fixture = try await PusherFixture()
        let log = FaultyLog(
            fixture.bus.log, faults: [topic: [.before(.unavailable), .before(.diskFull), .after(.unavailable)]])
        try await fixture.enqueue("1", try (0..<100).map { try PusherFixture.line("a\($0)", device: "d\($0 % 7)") })
        try await fixture.enqueue("2", [try PusherFixture.line("b", device: "d1")])
        let statuses = try await fixture.pushing(log: log) {
            let statuses = try await fixture.statuses(101)
            try await fixture.drained()
            return statuses
        }
        #expect(log.isExhausted)
        #expect(Set(statuses.map(\.requestID)).count == 101)
        #expect(statuses.allSatisfy { $0.history.last?.state == .published })
        let ids = try await fixture.publishedIDs()
        #expect(ids.count == 101)
        #expect(Set(ids).count == 101)
    }

    @Test func aPusherThatDiedBeforeItsStatusesPublishesNothingTwice() async throws {
        let fixture = try await PusherFixture()
        try await fixture.enqueue("job", [try PusherFixture.line("a"), try PusherFixture.line("b")])
        // The dead pusher: it took the job, published one command, and went without settling.
        let dead = Task { [bus = fixture.bus] in
            for try await deliveries in try await bus.queues.consume(PusherFixture.queue, prefetch: 1) {
                let envelopes = try JSONLines(deliveries[0].message.body).map { try CommandEnvelope(line: $0) }
                let headers = CommandRecord.headers(of: envelopes[0], trace: TraceIDSource().begin())
                _ = try await bus.log.append(
                    [
                        LogRecord(
                            key: envelopes[0].deviceID,
                            headers: Headers(headers.map { Headers.Field(name: $0.name, value: $0.value) }),
                            value: envelopes[0].record)
                    ], to: PusherFixture.topic)
                return
            }
        }
        try await withDeadline("the first delivery") { try await dead.value }
        let statuses = try await fixture.pushing { try await fixture.statuses(2) }
        #expect(statuses.map(\.requestID) == ["a", "b"])
        #expect(statuses.allSatisfy { $0.history.last?.state == .published })
        #expect(try await fixture.publishedIDs() == ["a", "b"])
    }

    @Test func theFleetIsToldOfEveryCommandThatIsGivenUp() async throws {
        let fixture = try await PusherFixture()
        let log = FaultyLog(
            fixture.bus.log, faults: [PusherFixture.statusTopic: [.after(.unavailable)]], largest: 20_000)
        let large = #"{"a":"\#(String(repeating: "x", count: 30_000))"}"#
        let past = SystemTime().now.advanced(by: .seconds(-1))
        try await fixture.enqueue(
            "job",
            [
                try PusherFixture.line("a"), try PusherFixture.line("late", device: "d.2", expiresAt: past),
                try PusherFixture.line("big", payload: large),
                // The same command once more is the same end.
                try PusherFixture.line("late", device: "d.2", expiresAt: past),
            ])
        let exchange = ExchangeName(StreamNames.fleetEvents)
        try await fixture.bus.events.declare(exchange, EventExchangeOptions())
        try await fixture.pushing(log: log) { try await fixture.drained() }
        #expect(log.isExhausted)
        let events = try await withDeadline("the notices") {
            var events: [RecordedEvent] = []
            for try await some in try await fixture.bus.events.subscribe(
                to: exchange, matching: [TopicPattern("command.failed.*")], from: .first)
            {
                events += some
                if events.count >= 2 { break }
            }
            return events
        }
        #expect(events.map(\.message.id.rawValue) == ["command.expired.late", "command.failed.big"])
        #expect(events.map(\.routingKey.rawValue) == ["command.failed.d_2", "command.failed.d"])
        let notices = try events.map { try CommandFailureNotice(json: $0.message.body) }
        #expect(notices.map(\.state) == [.expired, .failed])
        #expect(notices.allSatisfy { !$0.reason.isEmpty })
        #expect(try await fixture.bus.events.history(of: exchange).count == 2)
    }

    @Test func aKeyThatComesAgainIsPublishedOnce() async throws {
        let fixture = try await PusherFixture()
        try await fixture.enqueue("1", [try PusherFixture.line("key", isKeyed: true)])
        _ = try await fixture.pushing { try await fixture.statuses(1) }
        try await fixture.enqueue("2", [try PusherFixture.line("key", isKeyed: true), try PusherFixture.line("x")])
        let statuses = try await fixture.pushing { try await fixture.statuses(3) }
        #expect(statuses.map(\.requestID) == ["key", "key", "x"])
        #expect(statuses[0].history.last?.evidence == statuses[1].history.last?.evidence)
        #expect(try await fixture.publishedIDs() == ["key", "x"])
    }

    @Test func oneCommandThatIsTooLargeFailsAlone() async throws {
        let fixture = try await PusherFixture()
        let log = FaultyLog(fixture.bus.log, largest: 20_000)
        let large = #"{"a":"\#(String(repeating: "x", count: 30_000))"}"#
        try await fixture.enqueue(
            "job",
            [
                try PusherFixture.line("a"), try PusherFixture.line("big", payload: large), try PusherFixture.line("b"),
            ])
        let statuses = try await fixture.pushing(log: log) { try await fixture.statuses(3) }
        #expect(statuses.map { $0.history.last?.state } == [.published, .failed, .published])
        #expect(try await fixture.publishedIDs() == ["a", "b"])
    }
}
