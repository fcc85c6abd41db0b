import BusClients
import BusTestKit
import Runtime
import Testing

extension Trait where Self == ConditionTrait {
    /// Skips where RabbitMQ is not installed, and says so.
    static var needsRabbitMQ: Self {
        .enabled(if: RabbitMQBroker.unavailableReason == nil, Comment(rawValue: RabbitMQBroker.unavailableReason ?? ""))
    }
}

/// Connects, runs the body and closes, whatever happens. Nothing settles: only a broker that is killed needs it.
func withClient(
    _ url: String, logger: Logger = .silent, metrics: MetricsRegistry? = nil,
    configure: (inout RabbitMQConfiguration) -> Void = { _ in },
    _ body: (RabbitMQClient) async throws -> Void
) async throws {
    var configuration = try RabbitMQConfiguration(url: url)
    configuration.settlingTime = .zero
    configure(&configuration)
    let client = try await RabbitMQClient.connect(
        configuration, time: SystemTime(), logger: logger, metrics: metrics)
    do {
        try await body(client)
    } catch {
        await client.close()
        throw error
    }
    await client.close()
}

/// The error of a call that must fail; nil when it does not, or fails otherwise.
func failure(_ body: () async throws -> Void) async -> BusError? {
    do { try await body() } catch { return error as? BusError }
    return nil
}

/// Waits until both connections stand and everything is declared again.
func untilConnected(_ client: RabbitMQClient) async throws {
    try await eventually("the connection is back", seconds: 40) { client.queues.connection.state == .connected }
}

/// Asks again until the condition holds.
func eventually(
    _ what: String, seconds: Int = 20, _ condition: @escaping @Sendable () async throws -> Bool
) async throws {
    try await withDeadline(what, seconds: seconds) {
        while try await !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }
}

extension Batches {
    /// Takes items until there are `count`.
    func take(_ count: Int, seconds: Int = 20) async throws -> [Item] {
        try await withDeadline("\(count) items", seconds: seconds) {
            var taken: [Item] = []
            var iterator = makeAsyncIterator()
            while taken.count < count, let batch = try await iterator.next() { taken += batch }
            return taken
        }
    }
}
