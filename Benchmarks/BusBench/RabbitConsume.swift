import BusClients

/// Consumes a queue that was filled before and acknowledges every delivery.
///
/// arguments: URL QUEUE PREFETCH COUNT
enum RabbitConsume {
    static func run(_ arguments: inout Arguments) async throws -> Outcome {
        let client = try await RabbitMQClient.connect(RabbitMQConfiguration(url: arguments.text("URL")))
        let queue = QueueName(try arguments.text("QUEUE"))
        let prefetch = try arguments.count("PREFETCH")
        let wanted = try arguments.count("COUNT")
        try await client.queues.declare(queue, WorkQueueOptions())

        let measurement = Measurement()
        var messages = 0
        var bytes = 0
        for try await batch in try await client.queues.consume(queue, prefetch: prefetch) {
            for delivery in batch {
                bytes += delivery.message.body.count
                delivery.ack()
            }
            messages += batch.count
            if messages >= wanted { break }
        }
        let outcome = measurement.outcome(messages: messages, bytes: bytes)
        await client.close()
        return outcome
    }
}
