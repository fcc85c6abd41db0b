import BusClients
import FoundationEssentials
import Glibc

/// The body of an event on `optimization_events`.
struct OptimizationEvent: Decodable {
    var type: String
    var agent: String
    var data: Facts

    /// What every event says of its session.
    struct Facts: Decodable {
        var taskID: String?
        var optimizationType: String?

        enum CodingKeys: String, CodingKey {
            case taskID = "task_id"
            case optimizationType = "optimization_type"
        }
    }

    enum CodingKeys: String, CodingKey {
        case type = "event_type"
        case agent, data
    }
}

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
        let start = start(CommandLine.arguments.dropFirst())
        let rabbit = try await RabbitMQClient.connect(RabbitMQConfiguration(url: url))
        try await rabbit.events.declare(exchange, EventExchangeOptions())

        let history = try await rabbit.events.history(of: exchange)
        print("retained: \(history.lowerBound)..<\(history.upperBound)")
        if case .offset(let offset) = start, offset < history.lowerBound {
            print("gone: \(offset)..<\(history.lowerBound)")
        }
        let events = try await rabbit.events.subscribe(to: exchange, matching: ["optimization.#"], from: start)
        for try await batch in events {
            for event in batch { show(event) }
            fflush(nil)
        }
        await rabbit.close()
    }

    static func start(_ arguments: ArraySlice<String>) -> HistoryPosition {
        let usage = "usage: TutorialOptimizationEvents [--from first|OFFSET]"
        guard let option = arguments.first else { return .next }
        guard option == "--from", arguments.count == 2, let value = arguments.last else { fail(usage) }
        if value == "first" { return .first }
        guard let offset = Int64(value), offset >= 0 else { fail(usage) }
        return .offset(offset)
    }

    static func show(_ event: RecordedEvent) {
        let place = "\(event.offset) \(event.publishedAt) \(event.routingKey)"
        do {
            let body = try JSONDecoder().decode(OptimizationEvent.self, from: Data(event.message.body))
            print("\(place) \(body.data.optimizationType ?? "-") \(body.data.taskID ?? "-") by \(body.agent)")
        } catch {
            print("\(place) is not an optimization event")
        }
    }

    static func fail(_ message: String) -> Never {
        let line = Array("TutorialOptimizationEvents: \(message)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
        exit(1)
    }
}
