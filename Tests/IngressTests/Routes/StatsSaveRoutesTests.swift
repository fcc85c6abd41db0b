import BusClients
import BusTestKit
import Contracts
import Runtime
import Testing

@testable import Ingress

@Suite struct StatsSaveRoutesTests {
    private static let path = "/api/v1/system/stats/save"

    private func history(_ ingress: TestIngress, _ query: String = "") async throws -> [JSONValue] {
        let answer = try await ingress.client.get(
            "/api/v1/system/stats/history?hours=0.1\(query)", token: try ingress.token())
        return try answer.json()["stats"].map { Array($0.elements) } ?? []
    }

    @Test func theHistoryHasTheSampleWhenTheAnswerComes() async throws {
        let host = try TestHost("alpha")
        try host.override(#"{"cpu_percent":37.5}"#)
        try await TestIngress.run { ingress in
            try await host.working(on: ingress.bus) {
                let token = try ingress.token(["system:configure"])
                for _ in 0..<3 {
                    // Nobody has reported before the first one.
                    let answer = try await ingress.client.send("POST", Self.path, token: token)
                    #expect(answer.status == 200)
                    let body = try answer.json()
                    #expect(body["message"]?.string?.isEmpty == false)
                    #expect(body["host"]?.string == "alpha")
                    let records = try await history(ingress)
                    #expect(records.first?["timestamp"]?.string == body["timestamp"]?.string)
                    #expect(records.first?["cpu_percent"]?.double == 37.5)
                }
                let stats = try await ingress.client.get("/api/v1/system/stats", token: ingress.token()).json()
                #expect(stats["cpu_percent"]?.double == 37.5)
            }
        }
    }

    @Test func theHostThatIsNamedIsSampled() async throws {
        let alpha = try TestHost("alpha")
        let beta = try TestHost("beta")
        try alpha.override(#"{"cpu_percent":1}"#)
        try beta.override(#"{"cpu_percent":2}"#)
        let before = SystemTime().now.advanced(by: .seconds(-10))
        try await TestIngress.run(prepare: {
            try await $0.report(.example(at: before), .example(host: "beta", at: before))
        }) { ingress in
            try await alpha.working(on: ingress.bus) {
                try await beta.working(on: ingress.bus) {
                    let token = try ingress.token()
                    let answer = try await ingress.client.send("POST", Self.path + "?host=beta", token: token)
                    #expect(try answer.json()["host"]?.string == "beta")
                    let records = try await history(ingress, "&host=beta")
                    #expect(records.map { $0["cpu_percent"]?.double } == [2, 12.5])
                    #expect(try await history(ingress, "&host=alpha").count == 1)
                    let unknown = try await ingress.client.send("POST", Self.path + "?host=gamma", token: token)
                    #expect(unknown.status == 404)
                }
            }
        }
    }

    @Test func aWorkerThatIsAwayIs504() async throws {
        try await TestIngress.run(
            answerPatience: .milliseconds(200),
            prepare: {
                try await $0.queues.declare(
                    QueueName(StreamNames.inspect("alpha")), WorkQueueOptions(maximumAttempts: 2))
            }
        ) { ingress in
            let answer = try await ingress.client.send("POST", Self.path, token: try ingress.token())
            #expect(answer.status == 504)
            #expect(try answer.json()["error"]?.string == "timeout")
        }
    }

    @Test func aSampleThatDoesNotArriveIs504() async throws {
        // Without a share of the processors it never is in the history.
        let host = try TestHost("alpha")
        try host.override(#"{"cpu_percent":null}"#)
        try await TestIngress.run(answerPatience: .milliseconds(700)) { ingress in
            try await host.working(on: ingress.bus) {
                let answer = try await ingress.client.send("POST", Self.path, token: try ingress.token())
                #expect(answer.status == 504)
            }
        }
    }

    @Test(arguments: [HostAnswer.Outcome.failed(.unsaved), .failed(.unsupported), .processes([])])
    func aWorkerThatCannotIs503(outcome: HostAnswer.Outcome) async throws {
        try await TestIngress.run(prepare: {
            try await $0.queues.declare(
                QueueName(StreamNames.inspect("alpha")), WorkQueueOptions(maximumAttempts: 2))
        }) { ingress in
            let deliveries = try await ingress.bus.queues.consume(
                QueueName(StreamNames.inspect("alpha")), prefetch: 1)
            let worker = Task {
                for try await batch in deliveries {
                    for delivery in batch {
                        let question = try HostQuestion(json: delivery.message.body)
                        #expect(question.subject == HostQuestion.sample)
                        let answer = HostAnswer(
                            id: question.id, host: "alpha", answeredAt: SystemTime().now, outcome: outcome)
                        try await ingress.bus.events.publish(
                            [
                                Event(
                                    routingKey: RoutingKey(question.answerKey),
                                    message: Message(id: MessageID(question.id), body: answer.json))
                            ], to: ExchangeName(StreamNames.fleetAnswers))
                        delivery.ack()
                    }
                }
            }
            let answer = try await ingress.client.send("POST", Self.path, token: try ingress.token())
            #expect(answer.status == 503)
            #expect(answer.headers["retry-after"] != nil)
            worker.cancel()
        }
    }

    @Test func aReaderMayNot() async throws {
        try await TestIngress.run { ingress in
            #expect(try await ingress.client.send("POST", Self.path).status == 401)
            let reader = try ingress.token(["system:read"])
            #expect(try await ingress.client.send("POST", Self.path, token: reader).status == 403)
            // No worker has ever taken questions here.
            #expect(try await ingress.client.send("POST", Self.path, token: ingress.token()).status == 503)
        }
    }
}
