import BusClients
import Runtime

/// What carries the bus: `RABBITMQ_URL` and `KAFKA_BOOTSTRAP_SERVERS` are all that decides it.
struct BusSettings: Sendable {
    /// Carries work queues and events; nil for the embedded bus.
    var rabbitMQ: RabbitMQConfiguration?
    /// Carries the message log; nil for the embedded bus.
    var kafka: KafkaConfiguration?
    /// Partitions of the topics that are spread, where Kafka carries them.
    var topicPartitions: Int

    /// Whether a port is carried by a broker.
    var hasBroker: Bool { rabbitMQ != nil || kafka != nil }

    /// Whether a port is carried by the files of the state folder.
    var usesEmbeddedBus: Bool { rabbitMQ == nil || kafka == nil }

    static func read(_ reader: inout SettingsReader) -> BusSettings {
        BusSettings(
            rabbitMQ: rabbitMQ(&reader), kafka: kafka(&reader),
            topicPartitions: reader.int("KAFKA_TOPIC_PARTITIONS", default: 6, in: 1...1024))
    }

    private static func rabbitMQ(_ reader: inout SettingsReader) -> RabbitMQConfiguration? {
        guard let url = reader.secret("RABBITMQ_URL") else { return nil }
        do throws(BusError) {
            return try RabbitMQConfiguration(url: url)
        } catch {
            reader.reject(
                "RABBITMQ_URL",
                mustBe: "amqp:// or amqps:// URLs of the nodes of one cluster, separated by commas (\(error.message))",
                isSecret: true)
            return nil
        }
    }

    private static func kafka(_ reader: inout SettingsReader) -> KafkaConfiguration? {
        let timeout = reader.duration(
            "KAFKA_TIMEOUT_MS", default: .seconds(5), unit: .milliseconds, in: .milliseconds(100) ... .seconds(300))
        let replicas = reader.int("KAFKA_REPLICATION_FACTOR", in: 1...32)
        // A property may hold a password, so none is ever shown.
        let properties = reader.names(prefix: propertyPrefix).compactMap { name in
            reader.secret(name).map { (property(name), $0) }
        }
        guard let servers = reader.secret("KAFKA_BOOTSTRAP_SERVERS") else { return nil }
        do throws(BusError) {
            var configuration = try KafkaConfiguration(bootstrapServers: servers)
            configuration.deliveryTimeout = timeout
            configuration.replicationFactor = replicas
            configuration.properties = Dictionary(properties) { _, last in last }
            return configuration
        } catch {
            reader.reject(
                "KAFKA_BOOTSTRAP_SERVERS", mustBe: "host:port pairs separated by commas (\(error.message))",
                isSecret: true)
            return nil
        }
    }

    private static let propertyPrefix = "KAFKA_CONFIG_"

    /// `sasl.username` for `KAFKA_CONFIG_SASL_USERNAME`.
    private static func property(_ variable: String) -> String {
        variable.dropFirst(propertyPrefix.count).lowercased().replacing("_", with: ".")
    }
}
