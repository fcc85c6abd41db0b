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

    /// As the help lists them.
    static let variables: [Command.Variable] = [
        .init(
            name: "RABBITMQ_URL",
            summary:
                "Carries queues and events: amqp://user:password@host/vhost, or amqps; several nodes of one cluster "
                + "are separated by commas. Default: the embedded bus."),
        .init(
            name: "KAFKA_BOOTSTRAP_SERVERS",
            summary: "Carries the message log: host:port pairs, separated by commas. Default: the embedded bus."),
        .init(
            name: "KAFKA_TIMEOUT_MS",
            summary: "How long Kafka may take to acknowledge a record. Default: 5000."),
        .init(
            name: "KAFKA_TOPIC_PARTITIONS",
            summary: "Partitions of the topics that are spread by device or host, when they are made. Default: 6."),
        .init(
            name: "KAFKA_REPLICATION_FACTOR", summary: "Copies of the topics that are made. Default: the brokers'."),
        .init(
            name: "KAFKA_CONFIG_…",
            summary: "Any property of librdkafka, with _ for its dots: KAFKA_CONFIG_SASL_USERNAME is sasl.username."),
    ]

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
