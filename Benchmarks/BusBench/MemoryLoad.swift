import BusClients

/// Publishes and consumes what it published, as fast as it can, while the driver watches this process's memory.
///
/// arguments: rabbitmq URL QUEUE PAYLOADS SECONDS, or kafka SERVERS TOPIC PAYLOADS SECONDS [PROPERTY=VALUE…]
enum MemoryLoad {
    /// What may be published and not consumed: a queue or partition never holds more, so nothing is evicted or refused.
    private static let limit = 20_000
    private static let window = 1000
    private static let batch = 500

    static func run(_ arguments: inout Arguments) async throws -> Outcome {
        let broker = try arguments.text("rabbitmq or kafka")
        let address = try arguments.text("URL or SERVERS")
        let name = try arguments.text("QUEUE or TOPIC")
        let payloads = try arguments.payloads()
        let duration = try arguments.duration("SECONDS")
        switch broker {
        case "rabbitmq":
            return try await loadRabbitMQ(url: address, queue: QueueName(name), payloads: payloads, duration: duration)
        case "kafka":
            var configuration = try arguments.kafkaConfiguration(servers: address)
            // The mock cluster holds an empty fetch back for the whole wait.
            configuration.properties["fetch.wait.max.ms"] = "10"
            return try await loadKafka(configuration, topic: Topic(name), payloads: payloads, duration: duration)
        default:
            throw Failure("\(broker) is neither rabbitmq nor kafka")
        }
    }

    private static func loadRabbitMQ(
        url: String, queue: QueueName, payloads: Payloads, duration: Duration
    ) async throws -> Outcome {
        let client = try await RabbitMQClient.connect(RabbitMQConfiguration(url: url))
        let queues = client.queues
        try await queues.declare(queue, WorkQueueOptions())
        let backlog = Backlog(limit: limit)
        let numbers = Numbers()
        let measurement = Measurement()
        let consuming = BusBench.inBackground {
            for try await deliveries in try await queues.consume(queue, prefetch: 1000) {
                for delivery in deliveries { delivery.ack() }
                backlog.remove(deliveries.count)
            }
        }
        let published = try await Load.run(tasks: window, until: measurement.begun + duration) {
            await backlog.add(1)
            for number in numbers.take() { try await queues.enqueue([Job(payloads.message(number))], to: queue) }
            return 1
        }
        // There is room for all of it only when everything is consumed.
        await backlog.add(limit)
        let outcome = measurement.outcome(messages: published, bytes: published * Payloads.bytes)
        consuming.cancel()
        await consuming.value
        await client.close()
        return outcome
    }

    private static func loadKafka(
        _ configuration: KafkaConfiguration, topic: Topic, payloads: Payloads, duration: Duration
    ) async throws -> Outcome {
        let client = try await KafkaClient.connect(configuration)
        let log = client.log
        let backlog = Backlog(limit: limit)
        let numbers = Numbers()
        let measurement = Measurement()
        let consuming = BusBench.inBackground {
            let consumer = try await log.consume(topic, group: ConsumerGroup("\(topic)-readers"))
            var commit = SecondlyCommit(consumer)
            while let records = try await consumer.next() {
                try await commit.handled(records)
                backlog.remove(records.count)
            }
        }
        let published = try await Load.run(tasks: limit / batch, until: measurement.begun + duration) {
            await backlog.add(batch)
            return try await log.append(payloads.records(numbers.take(batch)), to: topic).count
        }
        await backlog.add(limit)
        let outcome = measurement.outcome(messages: published, bytes: published * Payloads.bytes)
        consuming.cancel()
        await consuming.value
        await client.close()
        return outcome
    }
}
