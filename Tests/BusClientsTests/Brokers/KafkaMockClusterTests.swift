import BusTestKit
import Glibc
import Testing

/// The Kafka that the tests of the Kafka transport run on.
@Suite(.timeLimit(.minutes(1))) struct KafkaMockClusterTests {
    private static let topicAuthorizationFailed = 29
    /// One question of the probe for offsets is two requests: for the first offset and for the last.
    private static let refusals = [topicAuthorizationFailed, topicAuthorizationFailed]

    @Test func makesTopicsAndMovesTheirLeaders() async throws {
        let cluster = try await KafkaMockCluster.start(brokers: 3)
        #expect(cluster.bootstrapServers.split(separator: ",").count == 3)
        try await cluster.createTopic("readings", partitions: 3, replication: 3)
        let probe = try KafkaProbe(cluster.bootstrapServers)
        #expect(try await probe.leaders("readings").count == 3)
        for broker in [1, 2, 3, -1] {
            try await cluster.setLeader(topic: "readings", partition: 1, broker: broker)
            #expect(try await probe.leaders("readings")[1] == broker)
        }
        await cluster.stop()
    }

    @Test func refusesWhatItCannotDo() async throws {
        let cluster = try await KafkaMockCluster.start(brokers: 2)
        try await cluster.createTopic("once", partitions: 1)
        await expectRefusal("already exists") { try await cluster.createTopic("once", partitions: 1) }
        await expectRefusal("too many words") { try await cluster.createTopic("two words", partitions: 1) }
        await expectRefusal("not one line") { try await cluster.createTopic("a\ndown 1", partitions: 1) }
        await expectRefusal("replicas") { try await cluster.createTopic("wide", partitions: 1, replication: 3) }
        await expectRefusal("no such broker") { try await cluster.brokerDown(3) }
        await expectRefusal("no such broker") { try await cluster.setLatency(0, .zero) }
        await expectRefusal("too many errors") {
            try await cluster.pushErrors(.produce, [Int](repeating: 7, count: 257))
        }
        // It still obeys.
        try await cluster.pushErrors(.produce, [Int](repeating: 7, count: 256))
        await cluster.stop()
        await #expect(throws: ChildFailure.self) { try await cluster.createTopic("late", partitions: 1) }
    }

    @Test func answersWithTheErrorsThatWerePushed() async throws {
        let cluster = try await KafkaMockCluster.start(brokers: 1)
        try await cluster.createTopic("readings", partitions: 1)
        let probe = try KafkaProbe(cluster.bootstrapServers)
        #expect(try await probe.offsets("readings", 0) == 0)

        try await cluster.pushErrors(.listOffsets, Self.refusals)
        #expect(try await probe.offsets("readings", 0) == Self.topicAuthorizationFailed)
        #expect(try await probe.offsets("readings", 0) == 0)

        try await cluster.pushErrors(.listOffsets, Self.refusals)
        try await cluster.clearErrors(.listOffsets)
        #expect(try await probe.offsets("readings", 0) == 0)

        try await cluster.pushAnswers(
            broker: 1, .listOffsets, Self.refusals.map { .init(code: $0, after: .milliseconds(200)) })
        let begun = ContinuousClock.now
        #expect(try await probe.offsets("readings", 0) == Self.topicAuthorizationFailed)
        #expect(ContinuousClock.now - begun >= .milliseconds(200))
        await cluster.stop()
    }

    @Test func isSlowAndDownWhenTold() async throws {
        let cluster = try await KafkaMockCluster.start(brokers: 2)
        try await cluster.createTopic("readings", partitions: 1)
        try await cluster.setLeader(topic: "readings", partition: 0, broker: 2)
        let probe = try KafkaProbe(cluster.bootstrapServers)
        #expect(try await probe.offsets("readings", 0) == 0)

        try await cluster.setLatency(2, .milliseconds(200))
        let begun = ContinuousClock.now
        #expect(try await probe.offsets("readings", 0) == 0)
        #expect(ContinuousClock.now - begun >= .milliseconds(200))
        try await cluster.setLatency(2, .zero)

        let server = try #require(cluster.bootstrapServers.split(separator: ",").last)
        let other = try KafkaProbe(String(server))
        try await cluster.brokerDown(2)
        // What it had begun to answer may still come.
        try await withDeadline("the broker is down") {
            while (try? await other.leaders("readings", milliseconds: 300)) != nil {}
        }
        try await cluster.brokerUp(2)
        #expect(try await other.leaders("readings") == [2])
        await cluster.stop()
    }

    @Test func namesTheCoordinatorOfAGroup() async throws {
        let cluster = try await KafkaMockCluster.start(brokers: 2)
        try await cluster.createTopic("readings", partitions: 1)
        for broker in [1, 2] {
            try await cluster.setCoordinator(group: "probe", broker: broker)
            try await cluster.brokerDown(broker)
            let probe = try KafkaProbe(cluster.bootstrapServers, group: "probe")
            #expect(try await probe.committed("readings", milliseconds: 500) != 0)
            try await cluster.brokerUp(broker)
            #expect(try await probe.committed("readings") == 0)
        }
        await cluster.stop()
    }

    @Test(arguments: [SIGTERM, SIGINT, nil]) func endsAtASignalAndWithItsInput(_ signal: Int32?) async throws {
        let process = try ChildProcess(
            BuiltProgram.path("kafka-mock-cluster"), ["1"], environment: [:], takesInput: true)
        #expect(await process.line(containing: "bootstrap 127.0.0.1:") != nil)
        if let signal { process.send(signal) } else { process.closeInput() }
        #expect(try await withDeadline("its end") { try await process.wait() } == 0)
    }

    private func expectRefusal(_ reason: String, _ body: () async throws -> Void) async {
        do {
            try await body()
            Issue.record("no refusal; expected: \(reason)")
        } catch {
            #expect("\(error)".contains(reason))
        }
    }
}
