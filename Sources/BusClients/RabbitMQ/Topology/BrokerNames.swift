/// What things are called on the broker.
enum BrokerNames {
    /// The durable direct exchange through which jobs go to the dead letters of their queue.
    static let deadLetters = "dead_letters"

    static func dead(_ queue: QueueName) -> String { "\(queue.rawValue).dead" }

    static func delay(_ queue: QueueName, _ bucket: DelayBucket) -> String {
        "\(queue.rawValue).retry.\(bucket.seconds)s"
    }

    static func history(_ exchange: ExchangeName) -> String { "\(exchange.rawValue).history" }

    /// Leaves room for the longest name that is made from it (`.retry.86400s`).
    static func validate(_ name: some BusName) throws(BusError) {
        guard (1...240).contains(name.rawValue.utf8.count) else {
            throw BusError(
                .invalidName, "on RabbitMQ a name has 1 to 240 bytes, this one \(name.rawValue.utf8.count)")
        }
    }
}
