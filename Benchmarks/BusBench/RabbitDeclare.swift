import BusClients

/// Declares a queue, so that every peer works on the same kind as our transport does.
///
/// arguments: URL QUEUE
enum RabbitDeclare {
    static func run(_ arguments: inout Arguments) async throws -> Outcome? {
        let client = try await RabbitMQClient.connect(RabbitMQConfiguration(url: arguments.text("URL")))
        try await client.queues.declare(QueueName(try arguments.text("QUEUE")), WorkQueueOptions())
        await client.close()
        return nil
    }
}
