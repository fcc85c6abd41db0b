import BusClients
import BusTestKit
import Runtime
import Testing

/// The promises of both ports on a real broker, each check in a vhost of its own.
@Suite(.needsRabbitMQ)
struct RabbitMQConformanceTests {
    @Test(arguments: WorkQueueConformance.checks)
    func workQueue(_ check: ConformanceCheck) async throws { try await run(check) }

    @Test(arguments: EventExchangeConformance.checks)
    func eventExchange(_ check: ConformanceCheck) async throws { try await run(check) }

    private func run(_ check: ConformanceCheck) async throws {
        let broker = try await RabbitMQBroker.shared
        let url = broker.url(vhost: try await broker.addVirtualHost())
        // No check of these ports uses the log.
        try await withEmbeddedBus { embedded, _, _ in
            let log = embedded.log
            let open: @Sendable () async throws -> Bus = {
                var configuration = try RabbitMQConfiguration(url: url)
                configuration.settlingTime = .zero
                let client = try await RabbitMQClient.connect(configuration)
                return Bus(queues: client.queues, events: client.events, log: log, close: { await client.close() })
            }
            let bus = try await open()
            do {
                try await check.run(
                    ConformanceEnvironment(bus: bus, reopen: open, pass: { try await Task.sleep(for: $0) }))
            } catch {
                await bus.close()
                throw error
            }
            await bus.close()
        }
    }
}
