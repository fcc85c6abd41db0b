import BusClients
import BusTestKit
import Contracts
import Runtime
import Testing

@testable import Ingress

@Suite struct ProcessRoutesTests {
    private static let path = "/api/v1/hardware/processes"

    private func alpha() throws -> TestHost {
        let host = try TestHost("alpha")
        try host.addProcess(10, "beta", pages: 10_240, commandLine: "/usr/bin/beta\0--serve\0")
        try host.addProcess(11, "a) S\n", pages: 2560, commandLine: "")
        return host
    }

    private func declareQueue(_ bus: Bus, _ host: String, length: Int = 64) async throws {
        try await bus.queues.declare(
            QueueName(StreamNames.inspect(host)), WorkQueueOptions(maximumAttempts: 2, maximumLength: length))
    }

    @Test func aHostTellsItsProcesses() async throws {
        let host = try alpha()
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress in
            try await host.working(on: ingress.bus) {
                let token = try ingress.token(["hardware:monitor"])
                let answer = try await ingress.client.get("\(Self.path)?sort_by=memory", token: token)
                #expect(answer.status == 200)
                #expect(
                    answer.text == """
                        [{"pid":10,"name":"beta","status":"sleeping","cpu_percent":0.0,"memory_mb":40.0,\
                        "memory_percent":10.0,"threads":2,"created_time":"2025-11-21T10:30:02.500000Z",\
                        "command_line":"/usr/bin/beta --serve","parent_pid":1},{"pid":11,"name":"a) S\\n",\
                        "status":"sleeping","cpu_percent":0.0,"memory_mb":10.0,"memory_percent":2.5,"threads":2,\
                        "created_time":"2025-11-21T10:30:02.500000Z","command_line":null,"parent_pid":1}]
                        """)
                func pids(_ query: String) async throws -> [Int] {
                    let answer = try await ingress.client.get("\(Self.path)?\(query)", token: token)
                    #expect(answer.status == 200)
                    return try answer.json().elements.compactMap { $0["pid"]?.int }
                }
                #expect(try await pids("sort_by=pid&limit=1") == [10])
                #expect(try await pids("sort_by=name") == [11, 10])
                #expect(try await pids("min_memory_mb=20") == [10])
                #expect(try await pids("min_cpu_percent=1") == [])
                #expect(try await pids("filter_pattern=%5Ea%5C)") == [11])
                #expect(try await pids("filter_pattern=(%3Fi)SERVE&host=alpha") == [10])
                #expect(try await pids("filter_pattern=%5E(a%2B)%2B%24") == [])
            }
        }
    }

    @Test func twoHostsAnswerForThemselves() async throws {
        let alpha = try alpha()
        let beta = try TestHost("beta")
        try beta.addProcess(7, "of-beta", pages: 1, commandLine: "b\0")
        try await TestIngress.run(prepare: { try await $0.report(.example(), .example(host: "beta")) }) { ingress in
            try await alpha.working(on: ingress.bus) {
                try await beta.working(on: ingress.bus) {
                    let token = try ingress.token(["hardware:monitor"])
                    // At once: each answer finds its own request.
                    let counts = try await withThrowingTaskGroup(of: (String, [Int]).self) { group in
                        for number in 0..<20 {
                            let host = number % 2 == 0 ? "alpha" : "beta"
                            group.addTask {
                                let answer = try await ingress.client.get(
                                    "\(Self.path)?host=\(host)&sort_by=pid", token: token)
                                return (host, try answer.json().elements.compactMap { $0["pid"]?.int })
                            }
                        }
                        return try await group.reduce(into: [:]) { $0[$1.0, default: []].append($1.1) }
                    }
                    #expect(counts["alpha"] == Array(repeating: [10, 11], count: 10))
                    #expect(counts["beta"] == Array(repeating: [7], count: 10))
                    #expect(try await ingress.client.get("\(Self.path)?host=gamma", token: token).status == 404)
                }
            }
        }
    }

    @Test func aWorkerThatIsAwayIs504InTimeAndAnswersNothingLater() async throws {
        let host = try alpha()
        try await TestIngress.run(
            answerPatience: .milliseconds(300),
            prepare: {
                try await $0.report(.example())
                try await declareQueue($0, "alpha")
            }
        ) { ingress in
            let token = try ingress.token(["hardware:monitor"])
            let start = SystemTime().uptime
            let answer = try await ingress.client.get(Self.path, token: token)
            let taken = SystemTime().uptime - start
            #expect(answer.status == 504)
            #expect(try answer.json()["error"]?.string == "timeout")
            #expect(taken >= .milliseconds(300) && taken < .seconds(3))
            // The worker comes: the old question is passed over, a new one answered; the first takes two readings.
            try await host.working(on: ingress.bus) {
                try await ingress.eventually("an answer") {
                    try await ingress.client.get(Self.path, token: token).status == 200
                }
            }
            let key = TopicPattern("#")
            let answers = try await ingress.bus.events.subscribe(
                to: ExchangeName(StreamNames.fleetAnswers), matching: [key], from: .first)
            let first = try await withDeadline("the first answer") {
                var iterator = answers.makeAsyncIterator()
                return try await iterator.next()?.first
            }
            let answered = try HostAnswer(json: #require(first).message.body)
            guard case .processes(let processes) = answered.outcome else {
                Issue.record("\(answered.outcome)")
                return
            }
            #expect(processes.count == 2)
            #expect(try await ingress.bus.queues.status(of: QueueName(StreamNames.inspect("alpha"))).deadLetters == 0)
        }
    }

    @Test func saysWhenNobodyCanBeAsked() async throws {
        try await TestIngress.run(
            answerPatience: .milliseconds(100),
            prepare: {
                try await $0.report(.example(), .example(host: "beta"))
                try await declareQueue($0, "beta", length: 1)
            }
        ) { ingress in
            let token = try ingress.token(["hardware:monitor"])
            let unknown = try await ingress.client.get(Self.path, token: token)
            #expect(unknown.status == 503)
            #expect(unknown.headers["retry-after"] == "5")
            #expect(try await ingress.client.get("\(Self.path)?host=beta", token: token).status == 504)
            #expect(try await ingress.client.get("\(Self.path)?host=beta", token: token).status == 503)
        }
    }

    @Test func beforeTheFirstSampleNoHostIsKnown() async throws {
        try await TestIngress.run { ingress in
            let token = try ingress.token()
            #expect(try await ingress.client.get(Self.path, token: token).status == 503)
        }
    }

    @Test func workersOfOtherVersionsAre503() async throws {
        try await TestIngress.run(prepare: {
            try await $0.report(.example())
            try await declareQueue($0, "alpha")
        }) { ingress in
            let token = try ingress.token(["hardware:monitor"])
            let deliveries = try await ingress.bus.queues.consume(
                QueueName(StreamNames.inspect("alpha")), prefetch: 1)
            let worker = Task {
                for try await batch in deliveries {
                    for delivery in batch {
                        let question = try HostQuestion(json: delivery.message.body)
                        let answer = HostAnswer(
                            id: question.id, host: "alpha", answeredAt: SystemTime().now, outcome: .failed(.unsupported)
                        )
                        // What is no answer, and what nobody asked, changes nothing.
                        let bodies = [
                            (question.answerKey, Array("{".utf8)),
                            (StreamNames.answer(ingress: question.ingress, correlation: "other"), answer.json),
                            (question.answerKey, answer.json),
                        ]
                        try await ingress.bus.events.publish(
                            bodies.enumerated().map { number, body in
                                Event(
                                    routingKey: RoutingKey(body.0),
                                    message: Message(id: MessageID("\(question.id).\(number)"), body: body.1))
                            }, to: ExchangeName(StreamNames.fleetAnswers))
                        delivery.ack()
                    }
                }
            }
            #expect(try await ingress.client.get(Self.path, token: token).status == 503)
            worker.cancel()
        }
    }

    @Test(arguments: [
        "sort_by=size", "limit=0", "limit=501", "limit=x", "filter_pattern=(", "filter_pattern=(a)%5C1",
        "filter_pattern=((a%7B1,255%7D)%7B1,255%7D)%7B1,255%7D", "min_cpu_percent=-1", "min_cpu_percent=101",
        "min_cpu_percent=nan", "min_memory_mb=-0.5", "min_memory_mb=1e400",
        "filter_pattern=" + String(repeating: "a", count: 257),
    ]) func refusesValuesThatMeanNothing(query: String) async throws {
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress in
            let token = try ingress.token(["hardware:monitor"])
            let answer = try await ingress.client.get("\(Self.path)?\(query)", token: token)
            #expect(answer.status == 422)
            #expect(try answer.json()["detail"]?.elements.map { $0["loc"]?.elements.compactMap(\.string) }.count == 1)
        }
    }

    @Test func needsThePermission() async throws {
        try await TestIngress.run { ingress in
            let token = try ingress.token(["hardware:optimize"])
            #expect(try await ingress.client.get(Self.path).status == 401)
            #expect(try await ingress.client.get(Self.path, token: token).status == 403)
        }
    }
}
