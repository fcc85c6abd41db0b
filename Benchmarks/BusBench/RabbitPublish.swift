import BusClients

/// As many tasks as the window has places, each awaiting the confirm of its message before it enqueues the next.
///
/// arguments: URL QUEUE PAYLOADS WINDOW SECONDS
enum RabbitPublish {
    static func run(_ arguments: inout Arguments) async throws -> Outcome {
        let client = try await RabbitMQClient.connect(RabbitMQConfiguration(url: arguments.text("URL")))
        let queue = QueueName(try arguments.text("QUEUE"))
        let payloads = try arguments.payloads()
        let window = try arguments.count("WINDOW")
        let duration = try arguments.duration("SECONDS")
        let queues = client.queues
        // Refused unless the queue was made with the same options.
        try await queues.declare(queue, WorkQueueOptions())

        let numbers = Numbers()
        let measurement = Measurement()
        let published = try await Load.run(tasks: window, until: measurement.begun + duration) {
            for number in numbers.take() { try await queues.enqueue([Job(payloads.message(number))], to: queue) }
            return 1
        }
        let outcome = measurement.outcome(messages: published, bytes: published * Payloads.bytes)
        await client.close()
        return outcome
    }
}
