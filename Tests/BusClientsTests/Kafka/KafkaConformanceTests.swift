import BusClients
import BusTestKit
import Testing

@Suite struct KafkaConformanceTests {
    /// All at once, each with a cluster of its own: most of their time the group's members wait for each other.
    @Test func messageLog() async throws {
        let folder = try TemporaryFolder()
        let embedded = try await EmbeddedBus.open(EmbeddedBusConfiguration(folder: folder.path))
        await withTaskGroup(of: Void.self) { group in
            for check in MessageLogConformance.checks {
                group.addTask {
                    do { try await run(check, embedded) } catch { Issue.record("\(check): \(error)") }
                }
            }
        }
        await embedded.close()
    }

    private func run(_ check: ConformanceCheck, _ embedded: Bus) async throws {
        try await withKafka { kafka in
            // Only the log is checked; a bus has all three.
            let bus = Bus(queues: embedded.queues, events: embedded.events, log: kafka.log, close: {})
            try await check.run(ConformanceEnvironment(bus: bus, pass: { try await Task.sleep(for: $0) }))
        }
    }
}
