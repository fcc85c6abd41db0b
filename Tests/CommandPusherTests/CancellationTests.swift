import BusClients
import BusTestKit
import Contracts
import Runtime
import Testing

@testable import CommandPusher

/// A command is cancelled or published, and never both.
@Suite struct CancellationTests {
    private static let exchange = ExchangeName(StreamNames.commandCancellations)

    private func cancel(_ ids: String..., in fixture: PusherFixture) async throws {
        let events = ids.map { id in
            let wish = CommandCancellation(requestID: id, requestedBy: "alice", requestedAt: SystemTime().now)
            return Event(
                routingKey: RoutingKey(CommandCancellation.routingKey),
                message: Message(id: MessageID("cancel.\(id)"), body: wish.json))
        }
        try await fixture.bus.events.publish(
            events, to: Self.exchange,
            declaring: EventExchangeOptions(
                maximumAge: CommandCancellation.age, maximumBytes: CommandCancellation.bytes))
    }

    @Test func whatWasCancelledBeforeAPusherCameIsNotPublished() async throws {
        let fixture = try await PusherFixture()
        try await fixture.enqueue(
            "job", [try PusherFixture.line("a"), try PusherFixture.line("b"), try PusherFixture.line("c")])
        try await cancel("b", "unknown", in: fixture)
        let statuses = try await fixture.pushing { try await fixture.statuses(3) }
        let states = Dictionary(uniqueKeysWithValues: statuses.map { ($0.requestID, $0.history.last) })
        #expect(states["a"]??.state == .published && states["c"]??.state == .published)
        let step = try #require(states["b"] ?? nil)
        #expect(step.state == .cancelled)
        guard case .cancellation("alice", _) = step.evidence else {
            Issue.record("it does not say who: \(step)")
            return
        }
        #expect(try await fixture.publishedIDs() == ["a", "c"])
    }

    @Test func aCancellationThatComesWhileAPusherRunsCounts() async throws {
        let fixture = try await PusherFixture()
        // The first attempt fails; by the second the cancellation is known.
        let log = FaultyLog(
            fixture.bus.log, faults: [PusherFixture.topic: Array(repeating: .before(.unavailable), count: 4)])
        try await fixture.enqueue("job", [try PusherFixture.line("a"), try PusherFixture.line("b")])
        let statuses = try await fixture.pushing(log: log) {
            while fixture.log.lines.allSatisfy({ !$0.contains("push failed") }) { await Task.yield() }
            try await cancel("a", in: fixture)
            return try await fixture.statuses(2)
        }
        let states = Dictionary(uniqueKeysWithValues: statuses.map { ($0.requestID, $0.history.last?.state) })
        #expect(states["b"] == .published)
        // Whatever it became, the record agrees with it.
        let published = try await fixture.publishedIDs()
        #expect(published == (states["a"] == .cancelled ? ["b"] : ["a", "b"]))
    }

    @Test func whatWasPublishedStaysPublishedWhateverIsAsked() async throws {
        let fixture = try await PusherFixture()
        try await fixture.enqueue("job", [try PusherFixture.line("a"), try PusherFixture.line("b")])
        // The dead pusher published one command and went without settling.
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
        try await cancel("a", "b", in: fixture)
        let statuses = try await fixture.pushing { try await fixture.statuses(2) }
        #expect(statuses.map(\.requestID) == ["a", "b"])
        #expect(statuses.map { $0.history.last?.state } == [.published, .cancelled])
        #expect(try await fixture.publishedIDs() == ["a"])
    }

    @Test func aPusherThatDiedAfterItDecidedIsFollowedByOneThatDecidesTheSame() async throws {
        let fixture = try await PusherFixture()
        try await cancel("a", in: fixture)
        try await fixture.enqueue("job", [try PusherFixture.line("a")])
        // It wrote the status, and its attempt to say so failed until it died.
        let log = FaultyLog(
            fixture.bus.log, faults: [PusherFixture.statusTopic: [.after(.unavailable), .after(.unavailable)]])
        _ = try await fixture.pushing(log: log) { try await fixture.statuses(1) }
        let statuses = try await fixture.pushing {
            try await fixture.drained()
            return try await fixture.statuses(1)
        }
        #expect(statuses.allSatisfy { $0.history.last?.state == .cancelled })
        #expect(try await fixture.publishedIDs().isEmpty)
        // A key that comes again is decided as it was.
        try await fixture.enqueue("again", [try PusherFixture.line("a", isKeyed: true)])
        try await fixture.pushing { try await fixture.drained() }
        #expect(try await fixture.publishedIDs().isEmpty)
    }

    @Test func whatCannotBeReadIsPassedOver() async throws {
        let fixture = try await PusherFixture()
        try await cancel("a", in: fixture)
        try await fixture.bus.events.publish(
            [
                Event(
                    routingKey: RoutingKey(CommandCancellation.routingKey),
                    message: Message(id: MessageID("odd"), body: Array("nonsense".utf8)))
            ], to: Self.exchange)
        try await cancel("b", in: fixture)
        let known = Cancellations(exchange: Self.exchange, time: SystemTime(), logger: .silent)
        try await known.catchUp(fixture.bus.events)
        #expect(known["a"]?.requestedBy == "alice" && known["b"] != nil && known["odd"] == nil)
        #expect(!known.isEmpty)
    }
}
