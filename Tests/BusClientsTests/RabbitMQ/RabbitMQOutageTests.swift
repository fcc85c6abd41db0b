import BusClients
import BusTestKit
import Runtime
import Synchronization
import Testing

/// What happens when the connection, or the broker, goes away.
@Suite(.needsRabbitMQ, .timeLimit(.minutes(3)))
struct RabbitMQOutageTests {
    @Test func losesNothingConfirmedWhenTheBrokerIsKilled() async throws {
        let broker = try await RabbitMQBroker.start()
        try await withClient(broker.url, configure: { $0.settlingTime = .seconds(2) }) { client in
            try await client.queues.declare("jobs", WorkQueueOptions(maximumAttempts: 100))
            try await client.events.declare("events", EventExchangeOptions())
            let seen = Seen()
            let jobs = try await client.queues.consume("jobs", prefetch: 50)
            let events = try await client.events.subscribe(to: "events", matching: [.all], from: .next)
            let consuming = Task { try await seen.consume(jobs) }
            let following = Task { try await seen.follow(events) }
            for round in 0..<3 {
                seen.isBack = false
                async let kill: Void = {
                    try await Task.sleep(for: .milliseconds(300))
                    try await broker.killHard()
                    try await broker.restart()
                    try await untilConnected(client)
                    seen.isBack = true
                }()
                var number = 0
                while !seen.isBack {
                    let name = "r\(round)-\(number)"
                    number += 1
                    do {
                        try await client.queues.enqueue([Job(Message(id: MessageID(name), body: [1]))], to: "jobs")
                        try await client.events.publish(
                            [Event(routingKey: "k", message: Message(id: MessageID(name), body: [1]))], to: "events")
                        seen.accept(name)
                    } catch let error as BusError {
                        #expect(error.code == .unavailable || error.code == .unconfirmed)
                        try await Task.sleep(for: .milliseconds(20))
                    }
                }
                try await kill
            }
            #expect(seen.accepted > 30)
            do {
                try await withDeadline("everything accepted arrives", seconds: 60) { await seen.all() }
            } catch {
                Issue.record("\(error); missing: \(seen.missing)")
            }
            consuming.cancel()
            following.cancel()
            // None comes twice, and none before an earlier one; a killed node may have lost the last ones that were not
            // flushed, and gives out their offsets again.
            let names = seen.names
            #expect(Set(names).count == names.count)
            let numbers = names.compactMap { name in
                name.split(separator: "-").compactMap { Int($0.drop { $0 == "r" }) }
            }
            #expect(zip(numbers, numbers.dropFirst()).allSatisfy { ($0[0], $0[1]) < ($1[0], $1[1]) })
            let history = try await client.events.history(of: "events")
            #expect(try #require(seen.offsets.last) < history.upperBound)
        }
    }

    @Test func saysWhatStandsInTheWayAndComesBack() async throws {
        let broker = try await RabbitMQBroker.shared
        let proxy = try TCPProxy(to: broker.port)
        defer { proxy.end() }
        let memory = LogMemory()
        let logger = Logger(
            component: "test", sink: LogSink(levels: LogLevels(.debug), memory: memory, time: SystemTime()))
        let vhost = try await broker.addVirtualHost()
        try await withClient("amqp://guest:guest@127.0.0.1:\(proxy.port)/\(vhost)", logger: logger) { client in
            try await client.queues.declare("q", WorkQueueOptions())
            #expect(client.queues.connection.state == .connected)
            proxy.set(.cut)
            try await eventually("the loss is noticed") { client.queues.connection.state == .connecting }
            #expect(client.events.connection.reason != nil)
            #expect(
                await failure {
                    try await client.queues.enqueue([Job(Message(id: "a", body: []))], to: "q")
                } != nil)
            #expect(await failure { _ = try await client.queues.status(of: "q") } != nil)
            proxy.set(.relay)
            try await untilConnected(client)
            try await client.queues.enqueue([Job(Message(id: "a", body: []))], to: "q")
            #expect(try await client.queues.status(of: "q").ready == 1)
            for event in ["rabbitmq_connection_lost", "rabbitmq_connected"] {
                #expect(memory.lines.contains { $0.contains(event) })
            }
            #expect(!memory.lines.contains { $0.contains("guest:guest") })
        }
    }

    @Test func noticesAPeerThatFallsSilentWithinTwoHeartbeats() async throws {
        let broker = try await RabbitMQBroker.shared
        let proxy = try TCPProxy(to: broker.port)
        defer { proxy.end() }
        let vhost = try await broker.addVirtualHost()
        let url = "amqp://127.0.0.1:\(proxy.port)/\(vhost)"
        try await withClient(url, configure: { $0.heartbeat = .seconds(1) }) { client in
            try await client.queues.declare("q", WorkQueueOptions())
            // Heartbeats keep an idle connection up.
            try await Task.sleep(for: .seconds(4))
            #expect(client.queues.connection.state == .connected)
            let start = ContinuousClock.now
            proxy.set(.freeze)
            try await eventually("the silence is noticed") { client.queues.connection.state == .connecting }
            #expect(ContinuousClock.now - start < .seconds(3))
            proxy.set(.relay)
            try await untilConnected(client)
        }
    }

    @Test func sendsAgainWhatWasNotConfirmedAndMarksIt() async throws {
        let broker = try await RabbitMQBroker.shared
        let proxy = try TCPProxy(to: broker.port)
        defer { proxy.end() }
        let vhost = try await broker.addVirtualHost()
        try await withClient("amqp://127.0.0.1:\(proxy.port)/\(vhost)") { client in
            try await client.queues.declare("q", WorkQueueOptions())
            try await client.events.declare("e", EventExchangeOptions())
            let events = try await client.events.subscribe(to: "e", matching: [.all], from: .next)
            // The broker gets the messages, and its confirms get lost.
            proxy.set(.deafen)
            async let enqueued: Void = client.queues.enqueue(
                (0..<3).map { Job(Message(id: MessageID("j\($0)"), body: [])) }, to: "q")
            async let published: Void = client.events.publish(
                [Event(routingKey: "k", message: Message(id: "e0", body: []))], to: "e")
            try await withClient(broker.url(vhost: vhost)) { direct in
                try await eventually("the broker has them") { try await direct.queues.status(of: "q").ready == 3 }
                try await eventually("the broker has the event") { try await direct.events.history(of: "e").count > 0 }
            }
            proxy.set(.cut)
            try await eventually("the loss is noticed") { client.queues.connection.state == .connecting }
            proxy.set(.relay)
            try await enqueued
            try await published
            try await client.events.publish([Event(routingKey: "k", message: Message(id: "last", body: []))], to: "e")
            let jobs = try await client.queues.consume("q", prefetch: 10).take(6)
            #expect(jobs.map(\.message.id) == ["j0", "j1", "j2", "j0", "j1", "j2"])
            #expect(jobs.map(\.isRedelivered) == [false, false, false, true, true, true])
            // A subscription leaves the second one out.
            #expect(try await events.take(2).map(\.message.id) == ["e0", "last"])
        }
    }

    @Test func reportsWhatIsNotConfirmedInTime() async throws {
        let broker = try await RabbitMQBroker.shared
        let proxy = try TCPProxy(to: broker.port)
        defer { proxy.end() }
        let vhost = try await broker.addVirtualHost()
        let url = "amqp://127.0.0.1:\(proxy.port)/\(vhost)"
        try await withClient(url, configure: { $0.publishTimeout = .seconds(1) }) { client in
            try await client.queues.declare("q", WorkQueueOptions())
            proxy.set(.deafen)
            let error = await failure {
                try await client.queues.enqueue([Job(Message(id: "a", body: []))], to: "q")
            }
            #expect(error?.code == .unconfirmed)
            #expect(error?.message.contains("may or may not") == true)
        }
    }
}

/// What was accepted, and what has arrived.
private final class Seen: Sendable {
    private struct State {
        var accepted: Set<String> = []
        var jobs: Set<String> = []
        var events: Set<String> = []
        var offsets: [Int64] = []
        /// In the order they came.
        var names: [String] = []
        var isBack = false
    }

    private let state = Mutex(State())

    var isBack: Bool {
        get { state.withLock { $0.isBack } }
        set { state.withLock { $0.isBack = newValue } }
    }

    var accepted: Int { state.withLock { $0.accepted.count } }

    var names: [String] { state.withLock { $0.names } }

    var offsets: [Int64] { state.withLock { $0.offsets } }

    func accept(_ name: String) { state.withLock { _ = $0.accepted.insert(name) } }

    func consume(_ deliveries: Deliveries) async throws {
        for try await batch in deliveries {
            for delivery in batch {
                state.withLock { _ = $0.jobs.insert(delivery.message.id.rawValue) }
                delivery.ack()
            }
        }
    }

    func follow(_ events: Events) async throws {
        for try await batch in events {
            state.withLock { state in
                state.events.formUnion(batch.map(\.message.id.rawValue))
                state.offsets += batch.map(\.offset)
                state.names += batch.map(\.message.id.rawValue)
            }
        }
    }

    /// What was accepted and has not come.
    var missing: String {
        state.withLock { state in
            let (jobs, events) = (state.accepted.subtracting(state.jobs), state.accepted.subtracting(state.events))
            return "jobs \(jobs.sorted()), events \(events.sorted()) of \(state.accepted.count)"
        }
    }

    func all() async {
        while !state.withLock({ $0.accepted.isSubset(of: $0.jobs) && $0.accepted.isSubset(of: $0.events) }) {
            guard (try? await Task.sleep(for: .milliseconds(20))) != nil else { return }
        }
    }
}
