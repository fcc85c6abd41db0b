import BusClients
import FoundationEssentials
import Glibc

@main
enum TutorialOptimizationEvents {
    static let exchange: ExchangeName = "optimization_events"

    static func main() async {
        do {
            try await run()
        } catch {
            fail("\(error)")
        }
    }

    static func run() async throws {
        guard let url = ProcessInfo.processInfo.environment["RABBITMQ_URL"] else {
            fail("set RABBITMQ_URL, such as amqp://guest:guest@localhost/")
        }
        let rabbit = try await RabbitMQClient.connect(RabbitMQConfiguration(url: url))
        try await rabbit.events.declare(exchange, EventExchangeOptions())

        let events = try await rabbit.events.subscribe(to: exchange, matching: ["optimization.#"], from: .next)
        for try await batch in events {
            for event in batch { print("\(event.offset) \(event.publishedAt) \(event.routingKey)") }
            fflush(nil)
        }
        await rabbit.close()
    }

    static func fail(_ message: String) -> Never {
        let line = Array("TutorialOptimizationEvents: \(message)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
        exit(1)
    }
}
