import BusClients
import BusTestKit
import Contracts
import Runtime
import Testing

@testable import Ingress

@Suite struct CommandDeadLettersTests {
    private static let path = "/api/v1/commands/dead-letters"
    private static let queue = QueueName(StreamNames.commandRequests)

    /// Sends a command and lets its job die; answers the command's id.
    private func die(_ ingress: TestIngress) async throws -> String {
        let answer = try await ingress.post(TestIngress.command, headers: ["Prefer": "respond-async"])
        let id = try #require(try answer.json()["request_id"]?.string)
        try await withDeadline("the job dies") {
            for try await deliveries in try await ingress.bus.queues.consume(Self.queue, prefetch: 1) {
                for delivery in deliveries { delivery.reject(reason: "because") }
                return
            }
        }
        try await ingress.eventually("the dead letter") {
            try await ingress.bus.queues.status(of: Self.queue).inFlight == 0
        }
        return id
    }

    @Test func aDeadLetterIsReplayedOnceAndThenPublished() async throws {
        try await TestIngress.run { ingress in
            let admin = try ingress.token()
            let id = try await die(ingress)
            let list = try await ingress.client.get(Self.path, token: try ingress.token(["commands:read"])).json()
            let letter = try #require(list["dead_letters"]?.elements.first { _ in true })
            #expect(letter["reason"]?.string == "because")
            #expect(letter["attempts"]?.int == 1)
            #expect(letter["command_count"]?.int == 1)
            #expect(letter["commands"]?.elements.map { $0["request_id"]?.string } == [id])
            #expect(list["next_after"]?.isNull == true)
            let number = try #require(letter["id"]?.int)
            let replayed = try await ingress.client.send("POST", "\(Self.path)/\(number)/replay", token: admin)
            #expect(replayed.status == 200)
            #expect(try replayed.json()["replayed"]?.bool == true)
            #expect(try await ingress.client.send("POST", "\(Self.path)/\(number)/replay", token: admin).status == 404)
            try await ingress.pushing {
                try await ingress.eventually("the command") {
                    try await ingress.commandStatus(id).json()["status"]?.string == "published"
                }
            }
            #expect(try await ingress.publishedIDs() == [id])
            try await ingress.eventually("the audit") {
                try await ingress.client.get(
                    "/api/v1/audit?event=dead_letter_replayed&target=command.requests/\(number)", token: admin
                ).json()["records"]?.count == 1
            }
        }
    }

    @Test func aDroppedLetterIsGone() async throws {
        try await TestIngress.run { ingress in
            let admin = try ingress.token()
            for _ in 0..<3 { _ = try await die(ingress) }
            let page = try await ingress.client.get("\(Self.path)?limit=2", token: admin).json()
            let numbers = page["dead_letters"]?.elements.compactMap { $0["id"]?.int } ?? []
            #expect(numbers.count == 2)
            #expect(page["next_after"]?.int == numbers.last)
            let number = try #require(numbers.first)
            let dropped = try await ingress.client.send("DELETE", "\(Self.path)/\(number)", token: admin)
            #expect(dropped.status == 200)
            #expect(try await ingress.client.send("DELETE", "\(Self.path)/\(number)", token: admin).status == 404)
            let rest = try await ingress.client.get("\(Self.path)?after=\(numbers[1])", token: admin).json()
            #expect(rest["dead_letters"]?.count == 1)
            #expect(rest["next_after"]?.isNull == true)
            try await ingress.eventually("the audit") {
                try await ingress.client.get("/api/v1/audit?event=dead_letter_dropped", token: admin)
                    .json()["records"]?.count == 1
            }
        }
    }

    @Test func whatCannotBeReadIsListedAllTheSame() async throws {
        try await TestIngress.run { ingress in
            let admin = try ingress.token()
            // Nobody has declared the queue yet.
            #expect(try await ingress.client.get(Self.path, token: admin).json()["dead_letters"]?.count == 0)
            #expect(try await ingress.client.send("DELETE", "\(Self.path)/1", token: admin).status == 404)
            try await ingress.pushing {
                try await ingress.bus.queues.enqueue(
                    [Job(Message(id: MessageID("odd"), body: Array("nonsense".utf8)))], to: Self.queue)
                try await ingress.eventually("the dead letter") {
                    try await ingress.client.get(Self.path, token: admin).json()["dead_letters"]?.count == 1
                }
            }
            let list = try await ingress.client.get(Self.path, token: admin).json()
            let letter = try #require(list["dead_letters"]?.elements.first { _ in true })
            #expect(letter["message_id"]?.string == "odd")
            #expect(letter["command_count"]?.isNull == true)
            #expect(letter["commands"]?.count == 0)
        }
    }

    @Test func onlyAdministratorsChangeThem() async throws {
        try await TestIngress.run { ingress in
            let user = try ingress.token(["commands:read", "commands:send"])
            #expect(try await ingress.client.get(Self.path).status == 401)
            #expect(try await ingress.client.get("\(Self.path)?limit=0", token: user).status == 422)
            #expect(try await ingress.client.send("POST", "\(Self.path)/1/replay", token: user).status == 403)
            #expect(try await ingress.client.send("DELETE", "\(Self.path)/1", token: user).status == 403)
            #expect(
                try await ingress.client.send("DELETE", "\(Self.path)/x", token: try ingress.token()).status == 404)
        }
    }
}
