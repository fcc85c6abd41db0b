import BusTestKit
import Glibc
import Testing

/// Nodes that form a cluster; in `make soak`, for they take half a minute.
@Suite(.needsRabbitMQ, .enabled(if: getenv("FLOTILLA_SOAK") != nil, "is part of make soak"), .timeLimit(.minutes(3)))
struct RabbitMQClusterTests {
    @Test func goesOnWithoutOneOfItsNodes() async throws {
        let nodes = try await RabbitMQBroker.cluster(3)
        #expect(try await running(seenBy: nodes[2]) == "[a@localhost,b@localhost,c@localhost]")
        try await nodes[0].declareDurableQueue("everywhere")
        #expect(try await nodes[2].queues() == "[\"everywhere\"]")

        // The first one, which the others have joined, is as dispensable as they are.
        try await nodes[0].killHard()
        #expect(try await running(seenBy: nodes[1]) == "[b@localhost,c@localhost]")
        let vhost = try await nodes[1].addVirtualHost()

        try await nodes[0].restart()
        #expect(try await running(seenBy: nodes[1]) == "[a@localhost,b@localhost,c@localhost]")
        #expect(try await nodes[0].evaluate("rabbit_vhost:exists(<<\"\(vhost)\">>)") == "true")
    }

    private func running(seenBy node: RabbitMQBroker) async throws -> String {
        try await node.evaluate("lists:sort(rabbit_nodes:all_running())").filter { !$0.isWhitespace }
    }
}
