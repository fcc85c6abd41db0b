import BusClients

/// One message goes there and back through two queues; counts the round trips after the first.
///
/// arguments: URL PING PONG PAYLOADS SECONDS
enum RabbitPingPong {
    static func run(_ arguments: inout Arguments) async throws -> Outcome {
        let client = try await RabbitMQClient.connect(RabbitMQConfiguration(url: arguments.text("URL")))
        let ping = QueueName(try arguments.text("PING"))
        let pong = QueueName(try arguments.text("PONG"))
        let ball = try arguments.payloads().message(0)
        let duration = try arguments.duration("SECONDS")
        let queues = client.queues
        for queue in [ping, pong] { try await queues.declare(queue, WorkQueueOptions()) }

        let answering = BusBench.inBackground { try await answer(queues, from: ping, to: pong) }
        try await queues.enqueue([Job(ball)], to: ping)
        var game = Game(duration: duration)
        rounds: for try await batch in try await queues.consume(pong, prefetch: 1) {
            for delivery in batch {
                guard delivery.message.body == ball.body else { throw Failure("another ball came back") }
                let goesOn = game.ballIsBack()
                if goesOn { try await queues.enqueue([Job(ball)], to: ping) }
                delivery.ack()
                if !goesOn { break rounds }
            }
        }
        answering.cancel()
        await answering.value
        await client.close()
        return try game.outcome
    }

    /// Every job of one queue goes into the other; acknowledged once it is there.
    private static func answer(
        _ queues: any WorkQueue, from ping: QueueName, to pong: QueueName
    ) async throws {
        for try await batch in try await queues.consume(ping, prefetch: 1) {
            for delivery in batch {
                try await queues.enqueue([Job(delivery.message)], to: pong)
                delivery.ack()
            }
        }
    }
}
