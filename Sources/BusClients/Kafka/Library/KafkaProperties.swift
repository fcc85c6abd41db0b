internal import CRdKafka

/// The settings of one librdkafka client, by librdkafka's names.
struct KafkaProperties {
    /// Later ones replace earlier ones of the same name.
    private(set) var values: [(name: String, value: String)] = []
    /// Which events the client puts on its main queue.
    var events: Int32 = 0

    /// What the transport decides, because its promises depend on it, or because a field of the configuration does.
    private static let reserved: Set<String> = [
        "bootstrap.servers", "metadata.broker.list", "client.id", "group.id", "transactional.id", "log.queue",
        "enable.idempotence", "enable.gapless.guarantee", "acks", "request.required.acks", "partitioner",
        "retries", "message.send.max.retries", "message.timeout.ms", "delivery.timeout.ms", "linger.ms",
        "queue.buffering.max.ms",
        "queue.buffering.max.messages", "queue.buffering.max.kbytes", "compression.codec", "compression.type",
        "message.max.bytes", "enable.auto.commit", "auto.commit.enable", "enable.auto.offset.store",
        "auto.offset.reset", "enable.partition.eof", "session.timeout.ms", "statistics.interval.ms",
        "allow.auto.create.topics", "delivery.report.only.error", "test.mock.num.brokers",
    ]

    subscript(name: String) -> String? {
        get { values.last { $0.name == name }?.value }
        set { if let newValue { values.append((name, newValue)) } }
    }

    mutating func add(_ others: [String: String]) {
        for (name, value) in others.sorted(by: { $0.key < $1.key }) { values.append((name, value)) }
    }

    /// Fails unless librdkafka takes each of the properties that a user gave. Names them, never their values.
    static func validate(_ properties: [String: String]) throws(BusError) {
        for name in properties.keys.sorted() where reserved.contains(name) {
            throw BusError(.unsupported, "the Kafka property \(name) is set by the transport")
        }
        var given = KafkaProperties()
        given.add(properties)
        rd_kafka_conf_destroy(try given.makeConfiguration())
    }

    /// A new configuration, which the caller owns.
    func makeConfiguration() throws(BusError) -> OpaquePointer {
        guard let configuration = rd_kafka_conf_new() else { throw BusError(.unavailable, "out of memory") }
        for (name, value) in values {
            // What librdkafka writes into the buffer holds the value, which may be a secret.
            var reason = [CChar](repeating: 0, count: 512)
            let result = rd_kafka_conf_set(configuration, name, value, &reason, reason.count)
            guard result == RD_KAFKA_CONF_OK else {
                rd_kafka_conf_destroy(configuration)
                let what = result == RD_KAFKA_CONF_UNKNOWN ? "is unknown" : "has a value that librdkafka does not take"
                throw BusError(.unsupported, "the Kafka property \(name) \(what)")
            }
        }
        return configuration
    }
}
