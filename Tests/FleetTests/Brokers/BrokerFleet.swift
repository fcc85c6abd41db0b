import BusClients
import BusTestKit
import Contracts
import Glibc
import Runtime

/// The roles of a fleet as processes of their own, on a real RabbitMQ and a mock cluster of three Kafka brokers.
final class BrokerFleet: Sendable {
    let kafka: KafkaMockCluster
    let environment: [String: String]
    private let folder: TemporaryFolder

    /// - Parameter rabbitMQ: The URLs of the nodes, separated by commas.
    static func start(rabbitMQ: String, environment: [String: String] = [:]) async throws -> BrokerFleet {
        let kafka = try await KafkaMockCluster.start(brokers: 3)
        // The mock cluster cannot be asked by clients to make topics.
        let topics = [
            (StreamNames.deviceCommands, 6), (StreamNames.deviceCommandStatus, 1), (StreamNames.hostMetrics, 6),
            (StreamNames.fleetConfiguration, 1),
        ]
        for (name, partitions) in topics {
            try await kafka.createTopic(name, partitions: partitions, replication: 3)
        }
        return try BrokerFleet(kafka: kafka, rabbitMQ: rabbitMQ, environment: environment)
    }

    private init(kafka: KafkaMockCluster, rabbitMQ: String, environment: [String: String]) throws {
        self.kafka = kafka
        folder = try TemporaryFolder()
        self.environment = [
            "RABBITMQ_URL": rabbitMQ, "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrapServers,
            "JWT_SECRET_KEY": "a secret of the tests, long enough for HS256", "FLOTILLA_HOST": "test-host",
            "STORAGE_ROOTS": folder.path + "/files",
        ].merging(environment) { $1 }
    }

    /// Where a process of this name keeps its state.
    func state(_ name: String) -> String { folder.path + "/" + name }

    /// Starts a role; several of one role differ by name.
    func start(_ role: String, name: String? = nil, _ extra: [String: String] = [:]) throws -> ChildProcess {
        let environment = Fleet.environment(state(name ?? role), environment.merging(extra) { $1 })
        return try ChildProcess(Fleet.program, [role], environment: environment)
    }

    /// Starts an ingress and waits until it serves.
    func ingress(_ name: String) async throws -> Fleet {
        let process = try start("ingress", name: name)
        return try await Fleet.serving(process, state: state(name), environment)
    }

    /// The message log as another process sees it.
    func log() async throws -> KafkaClient {
        try await KafkaClient.connect(KafkaConfiguration(bootstrapServers: kafka.bootstrapServers))
    }

    func stop() async { await kafka.stop() }
}
