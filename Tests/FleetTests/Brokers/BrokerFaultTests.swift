import BusClients
import BusTestKit
import Contracts
import Glibc
import Runtime
import Testing

/// Brokers and pushers that die under load: what was accepted is in Kafka once and in order.
@Suite(.serialized, .enabled(if: RabbitMQBroker.unavailableReason == nil, "no RabbitMQ here"))
struct BrokerFaultTests {
    private static let isSoak = getenv("FLOTILLA_SOAK") != nil

    @Test func rabbitMQKilledAgainAndAgain() async throws {
        let broker = try await RabbitMQBroker.start()
        let fleet = try await BrokerFleet.start(rabbitMQ: broker.url)
        let pusher = try fleet.start("command-pusher")
        let ingress = try await fleet.ingress("one")
        let collector = try await CommandCollector(fleet)
        let load = CommandLoad(pause: .milliseconds(5))
        async let sending: Void = load.run(clients: 8, against: ingress)
        for _ in 0..<(Self.isSoak ? 50 : 3) {
            let before = load.result.answeredCount
            try await withDeadline("commands flow again", seconds: 60) {
                while load.result.answeredCount < before + 50 { try await Task.sleep(for: .milliseconds(5)) }
            }
            // The moment is the point of the test.
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...1500)))
            try await broker.killHard()
            try await broker.restart()
        }
        let before = load.result.answeredCount
        try await withDeadline("commands flow again", seconds: 60) {
            while load.result.answeredCount < before + 50 { try await Task.sleep(for: .milliseconds(5)) }
        }
        load.finish()
        try await sending
        try await collector.waitForAnswered(load.result)
        collector.commands.verify(load.result)
        try await end([pusher, ingress.process], fleet, collector)
        await broker.stop()
    }

    @Test func thePusherKilledAgainAndAgain() async throws {
        let broker = try await RabbitMQBroker.shared
        let fleet = try await BrokerFleet.start(rabbitMQ: broker.url(vhost: try await broker.addVirtualHost()))
        let ingress = try await fleet.ingress("one")
        let collector = try await CommandCollector(fleet)
        let load = CommandLoad(pause: .milliseconds(5))
        async let sending: Void = load.run(clients: 8, against: ingress)
        for _ in 0..<(Self.isSoak ? 30 : 4) {
            let pusher = try fleet.start("command-pusher")
            let before = collector.commands.positions.count
            try await withDeadline("the pusher works", seconds: 60) {
                while collector.commands.positions.count == before { try await Task.sleep(for: .milliseconds(1)) }
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...500)))
            pusher.send(SIGKILL)
            try await pusher.wait()
        }
        load.finish()
        try await sending
        let pusher = try fleet.start("command-pusher")
        try await collector.waitForAnswered(load.result)
        collector.commands.verify(load.result)
        try await end([pusher, ingress.process], fleet, collector)
    }

    @Test(.enabled(if: isSoak, "three nodes take half a minute: make soak"))
    func oneOfThreeNodesKilled() async throws {
        let nodes = try await RabbitMQBroker.cluster(3)
        let fleet = try await BrokerFleet.start(rabbitMQ: nodes.map(\.url).joined(separator: ","))
        let pusher = try fleet.start("command-pusher")
        let ingress = try await fleet.ingress("one")
        let collector = try await CommandCollector(fleet)
        let load = CommandLoad(pause: .milliseconds(5))
        async let sending: Void = load.run(clients: 8, against: ingress)
        for node in nodes {
            let before = load.result.answeredCount
            try await withDeadline("commands flow", seconds: 30) {
                while load.result.answeredCount < before + 50 { try await Task.sleep(for: .milliseconds(5)) }
            }
            try await node.killHard()
            let killed = load.result.answeredCount
            try await withDeadline("commands flow within 15 s of the death of a node", seconds: 15) {
                while load.result.answeredCount < killed + 50 { try await Task.sleep(for: .milliseconds(5)) }
            }
            try await node.restart()
        }
        load.finish()
        try await sending
        try await collector.waitForAnswered(load.result)
        collector.commands.verify(load.result)
        try await end([pusher, ingress.process], fleet, collector)
        for node in nodes { await node.stop() }
    }

    private func end(_ processes: [ChildProcess], _ fleet: BrokerFleet, _ collector: CommandCollector) async throws {
        await collector.stop()
        for process in processes { process.send(SIGTERM) }
        for process in processes {
            let status = try await withDeadline("an orderly stop", seconds: 30) { try await process.wait() }
            #expect(status == 0, "\(process.text)")
        }
        await fleet.stop()
    }
}
