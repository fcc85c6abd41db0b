import BusTestKit
import Contracts
import Testing

/// `flotilla check` against brokers.
@Suite(.serialized, .enabled(if: RabbitMQBroker.unavailableReason == nil, "no RabbitMQ here"))
struct BrokerCheckTests {
    private func check(_ fleet: BrokerFleet, _ extra: [String: String] = [:]) async throws -> (Int32, [String: String])
    {
        let process = try ChildProcess(
            Fleet.program, ["check", "--json"],
            environment: Fleet.environment(fleet.state("check"), fleet.environment.merging(extra) { $1 }))
        let status = try await withDeadline("the check") { try await process.wait() }
        let checks = try JSONDocument(parsing: process.text).root["checks"]?.elements.map { $0 } ?? []
        let results = checks.compactMap { check in
            check["check"]?.string.flatMap { name in check["result"]?.string.map { (name, $0) } }
        }
        return (status, Dictionary(results) { $1 })
    }

    @Test func tellsWhoAcceptsTheCredentialsAndWhoRefusesThem() async throws {
        let broker = try await RabbitMQBroker.shared
        let fleet = try await BrokerFleet.start(
            rabbitMQ: broker.url(vhost: try await broker.addVirtualHost()), environment: ["STORAGE_ROOTS": "/tmp"])
        let (accepted, good) = try await check(fleet)
        #expect(accepted == 0)
        #expect(good["RabbitMQ"] == "ok" && good["Kafka"] == "ok", "\(good)")
        let wrong = ["RABBITMQ_URL": "amqp://guest:wrong@127.0.0.1:\(broker.port)/"]
        let (refused, bad) = try await check(fleet, wrong)
        #expect(refused == 2)
        #expect(bad["RabbitMQ"] == "problem" && bad["Kafka"] == "ok", "\(bad)")
        await fleet.stop()
    }
}
