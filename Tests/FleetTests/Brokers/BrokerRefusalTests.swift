import BusClients
import BusTestKit
import Contracts
import Glibc
import Runtime
import Testing

/// Brokers that are full, slow, away, or do not let us in.
@Suite(.serialized, .enabled(if: RabbitMQBroker.unavailableReason == nil, "no RabbitMQ here"))
struct BrokerRefusalTests {
    @Test func aMemoryAlarmIsA503AndPasses() async throws {
        let broker = try await RabbitMQBroker.start()
        let fleet = try await BrokerFleet.start(rabbitMQ: broker.url)
        let pusher = try fleet.start("command-pusher")
        let ingress = try await fleet.ingress("one")
        _ = try await post(ingress) { $0.status == 200 }
        _ = try await broker.control(["set_vm_memory_high_watermark", "0.0000001"])
        let refused = try await post(ingress) { $0.status == 503 }
        #expect(refused.headers["retry-after"] != nil)
        let ready = try await eventually("it says that it is not ready") {
            let answer = try ingress.client().send("GET", "/ready")
            return answer.status == 503 ? answer : nil
        }
        #expect(ready.text.contains("bus_not_ready"))
        _ = try await broker.control(["set_vm_memory_high_watermark", "absolute", "2GB"])
        _ = try await post(ingress) { $0.status == 200 }
        try await end([pusher, ingress.process], fleet)
        await broker.stop()
    }

    @Test func commandsWaitForKafkaOrExpire() async throws {
        let broker = try await RabbitMQBroker.shared
        let fleet = try await BrokerFleet.start(
            rabbitMQ: broker.url(vhost: try await broker.addVirtualHost()), environment: ["KAFKA_TIMEOUT_MS": "1500"])
        let pusher = try fleet.start("command-pusher")
        let ingress = try await fleet.ingress("one")
        _ = try await post(ingress) { $0.status == 200 }
        for id in 1...3 { try await fleet.kafka.brokerDown(id) }
        let expiry = Timestamp(microseconds: SystemTime().now.microseconds + 3_000_000).rfc3339
        let expiring = try await post(ingress, extra: #","expires_at":"\#(expiry)""#) { $0.status == 202 }
        let waiting = try await post(ingress) { $0.status == 202 }
        // Past the expiry, whatever the brokers do: then they come back.
        try await Task.sleep(for: .seconds(4))
        for id in 1...3 { try await fleet.kafka.brokerUp(id) }
        try await status(of: waiting, is: "published", ingress)
        try await status(of: expiring, is: "expired", ingress)
        try await end([pusher, ingress.process], fleet)
    }

    @Test(arguments: [
        ("user", "amqp://guest:wrong@127.0.0.1:PORT/"), ("virtual host", "amqp://guest:guest@127.0.0.1:PORT/nowhere"),
    ])
    func aBrokerThatRefusesIsOneClearLine(_ what: String, _ url: String) async throws {
        let broker = try await RabbitMQBroker.shared
        let folder = try TemporaryFolder()
        let process = try ChildProcess(
            Fleet.program, ["command-pusher"],
            environment: Fleet.environment(
                folder.path, ["RABBITMQ_URL": url.replacing("PORT", with: "\(broker.port)"), "LOG_LEVEL": "error"]))
        #expect(try await withDeadline("it ends") { try await process.wait() } == 2, "\(process.text)")
        let lines = process.text.split(separator: "\n")
        #expect(lines.count == 1, "\(process.text)")
        #expect(!process.text.contains("wrong"), "a password is shown: \(process.text)")
    }

    @Test func aRoleWaitsForABrokerThatIsNotThereAndStopsWhenAsked() async throws {
        let folder = try TemporaryFolder()
        let process = try ChildProcess(
            Fleet.program, ["command-pusher"],
            environment: Fleet.environment(folder.path, ["RABBITMQ_URL": "amqp://guest:guest@127.0.0.1:1/"]))
        let line = try await withDeadline("it says that it waits") {
            await process.line(containing: "bus_unreachable")
        }
        #expect(line != nil, "\(process.text)")
        process.send(SIGTERM)
        #expect(try await withDeadline("it ends") { try await process.wait() } == 0, "\(process.text)")
    }

    private func post(
        _ ingress: Fleet, extra: String = "", _ isWanted: @escaping @Sendable (HTTPClient.Answer) -> Bool
    ) async throws -> HTTPClient.Answer {
        let body =
            #"{"device_id":"d1","command_type":"reboot","payload":{},"protocol":"mqtt"\#(extra)}"#
        return try await eventually("the answer that is expected", seconds: 60) {
            let answer = try ingress.client().send("POST", "/api/v1/commands", body: body)
            return isWanted(answer) ? answer : nil
        }
    }

    private func status(of answer: HTTPClient.Answer, is state: String, _ ingress: Fleet) async throws {
        let id = try #require(try JSONDocument(parsing: answer.body).root["request_id"]?.string)
        _ = try await eventually("\(id) is \(state)") {
            let answer = try ingress.client().send("GET", "/api/v1/commands/\(id)/status")
            return try JSONDocument(parsing: answer.body).root["status"]?.string == state ? answer : nil
        }
    }

    private func end(_ processes: [ChildProcess], _ fleet: BrokerFleet) async throws {
        for process in processes { process.send(SIGTERM) }
        for process in processes {
            let status = try await withDeadline("an orderly stop", seconds: 30) { try await process.wait() }
            #expect(status == 0, "\(process.text)")
        }
        await fleet.stop()
    }
}
