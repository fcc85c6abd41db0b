import BusClients
import BusTestKit
import Contracts
import Glibc
import Runtime
import Testing

/// Every role as a process of its own on RabbitMQ and Kafka answers like `flotilla up`.
@Suite(.serialized, .enabled(if: RabbitMQBroker.unavailableReason == nil, "no RabbitMQ here"))
struct BrokerRolesTests {
    @Test func separateRolesGiveTheSameAnswersOnTwoIngresses() async throws {
        let broker = try await RabbitMQBroker.shared
        let vhost = try await broker.addVirtualHost()
        let fleet = try await BrokerFleet.start(rabbitMQ: broker.url(vhost: vhost))
        let workers = try ["metrics-worker", "optimize-worker", "command-pusher"].map { try fleet.start($0) }
        let first = try await fleet.ingress("one")
        let second = try await fleet.ingress("two")

        let id = try await publishedCommand(first)
        let session = try await dryRun(first)
        let targets = ["/api/v1/commands/\(id)/status", "/api/v1/hardware/optimize/\(session)"]
        let answers = try await agreeing(targets, first, second)
        for ingress in [first, second] { try await listed(ingress) }

        // A view that is deleted comes back from the logs.
        #expect(try await second.stop() == 0)
        for suffix in ["", "-wal", "-shm"] { unlink(fleet.state("two") + "/views.db" + suffix) }
        let rebuilt = try await fleet.ingress("two")
        #expect(try await agreeing(targets, first, rebuilt) == answers)
        try await sampled(rebuilt)

        for process in workers + [first.process, rebuilt.process] { process.send(SIGTERM) }
        for process in workers + [first.process, rebuilt.process] {
            let status = try await withDeadline("an orderly stop", seconds: 30) { try await process.wait() }
            #expect(status == 0, "\(process.text)")
        }
        await fleet.stop()
    }

    /// Sends a command and waits until it is published; its id.
    private func publishedCommand(_ ingress: Fleet) async throws -> String {
        let answer = try await eventually("a command is published") {
            let answer = try ingress.client().send("POST", "/api/v1/commands", body: LifecycleTests.command)
            return answer.status == 200 ? answer : nil
        }
        return try #require(try JSONDocument(parsing: answer.body).root["request_id"]?.string)
    }

    /// Asks for a rehearsal of a memory optimization and waits for its end; its id.
    private func dryRun(_ ingress: Fleet) async throws -> String {
        let body = #"{"optimization_type":"memory","dry_run":true}"#
        let answer = try await eventually("the optimization is accepted") {
            let answer = try ingress.client().send("POST", "/api/v1/hardware/optimize", body: body)
            return (200..<300).contains(answer.status) ? answer : nil
        }
        let root = try JSONDocument(parsing: answer.body).root
        let id = try #require((root["task_id"] ?? root["optimization_id"])?.string, "\(answer.text)")
        _ = try await eventually("the session ends") {
            let answer = try ingress.client().send("GET", "/api/v1/hardware/optimize/\(id)")
            return answer.text.contains("\"completed\"") ? answer : nil
        }
        return id
    }

    /// The same bodies from both, in time.
    private func agreeing(_ targets: [String], _ first: Fleet, _ second: Fleet) async throws -> [String] {
        var answers: [String] = []
        for target in targets {
            let answer = try await eventually("both ingresses agree on \(target)") {
                let answers = try [first, second].map { try $0.client().send("GET", target) }
                return answers[0].status == 200 && answers[0].body == answers[1].body ? answers[0] : nil
            }
            answers.append(answer.text)
        }
        return answers
    }

    /// The worker answers whichever ingress asks.
    private func listed(_ ingress: Fleet) async throws {
        let answer = try await eventually("the host's processes") {
            let answer = try ingress.client().send("GET", "/api/v1/hardware/processes?sort_by=pid&limit=2")
            return answer.status == 200 ? answer : nil
        }
        #expect(try JSONDocument(parsing: answer.body).root.elements.compactMap { $0["pid"]?.int }.first == 1)
    }

    private func sampled(_ ingress: Fleet) async throws {
        _ = try await eventually("a sample of the host") {
            let answer = try ingress.client().send("GET", "/api/v1/hardware/metrics")
            return answer.status == 200 && answer.text.contains("cpu") ? answer : nil
        }
    }
}
