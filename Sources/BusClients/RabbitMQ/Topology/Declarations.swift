/// How queues and exchanges are declared.
///
/// Sources of the arguments: <https://www.rabbitmq.com/docs/quorum-queues>, <https://www.rabbitmq.com/docs/dlx> (at
/// least once), <https://www.rabbitmq.com/docs/ttl>, <https://www.rabbitmq.com/docs/streams>.
enum Declarations {
    /// The queue, its dead letters and what connects them.
    static func queue(_ queue: QueueName, _ options: WorkQueueOptions) -> [AMQPRequest] {
        var arguments = deadLettering(to: BrokerNames.deadLetters, key: queue.rawValue)
        arguments += [
            // The broker moves a job to the dead letters when it has come back more often than this.
            AMQPField("x-delivery-limit", .integer(Int64(max(1, options.maximumAttempts) - 1))),
            AMQPField("x-max-length", .integer(Int64(max(1, options.maximumLength)))),
        ]
        if let timeToLive = options.timeToLive {
            arguments.append(AMQPField("x-message-ttl", .integer(Outgoing.expiration(of: timeToLive))))
        }
        if options.singleActiveConsumer {
            arguments.append(AMQPField("x-single-active-consumer", .boolean(true)))
        }
        let dead = BrokerNames.dead(queue)
        return [
            .declareExchange(BrokerNames.deadLetters, kind: "direct", isPassive: false),
            .declareQueue(
                dead, isPassive: false,
                arguments: [
                    AMQPField("x-queue-type", .string("quorum")),
                    // Reading dead letters returns them: that must not count, as it does by default from RabbitMQ 4 on.
                    AMQPField("x-delivery-limit", .integer(Int64(Int32.max))),
                ]),
            .bind(queue: dead, exchange: BrokerNames.deadLetters, key: queue.rawValue),
            .declareQueue(queue.rawValue, isPassive: false, arguments: arguments),
        ]
    }

    /// A queue whose jobs go back to their own when their delay is over.
    static func delay(_ queue: QueueName, _ bucket: DelayBucket) -> [AMQPRequest] {
        [
            .declareQueue(
                BrokerNames.delay(queue, bucket), isPassive: false,
                arguments: deadLettering(to: "", key: queue.rawValue))
        ]
    }

    /// The exchange and the stream that holds its history.
    static func exchange(_ exchange: ExchangeName, _ options: EventExchangeOptions) -> [AMQPRequest] {
        let history = BrokerNames.history(exchange)
        let age = max(1, options.maximumAge.components.seconds)
        // Whole segments are deleted: an eighth keeps the size near the bound. A segment of RabbitMQ has 500 MB.
        let segment = min(max(options.maximumBytes / 8, 1 << 20), 100 << 20)
        return [
            .declareExchange(exchange.rawValue, kind: "topic", isPassive: false),
            .declareQueue(
                history, isPassive: false,
                arguments: [
                    AMQPField("x-queue-type", .string("stream")),
                    AMQPField("x-max-length-bytes", .integer(Int64(max(1, options.maximumBytes)))),
                    AMQPField("x-max-age", .string("\(age)s")),
                    AMQPField("x-stream-max-segment-size-bytes", .integer(Int64(segment))),
                ]),
            .bind(queue: history, exchange: exchange.rawValue, key: "#"),
        ]
    }

    /// A quorum queue that loses no job on its way to another queue.
    private static func deadLettering(to exchange: String, key: String) -> [AMQPField] {
        [
            AMQPField("x-queue-type", .string("quorum")),
            AMQPField("x-dead-letter-exchange", .string(exchange)),
            AMQPField("x-dead-letter-routing-key", .string(key)),
            AMQPField("x-dead-letter-strategy", .string("at-least-once")),
            AMQPField("x-overflow", .string("reject-publish")),
        ]
    }
}
