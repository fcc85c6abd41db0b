import BusClients
import BusTestKit
import Runtime
import Testing

@Suite struct EmbeddedConformanceTests {
    @Test(arguments: WorkQueueConformance.checks)
    func workQueue(_ check: ConformanceCheck) async throws { try await run(check) }

    @Test(arguments: EventExchangeConformance.checks)
    func eventExchange(_ check: ConformanceCheck) async throws { try await run(check) }

    @Test(arguments: MessageLogConformance.checks)
    func messageLog(_ check: ConformanceCheck) async throws { try await run(check) }

    private func run(_ check: ConformanceCheck) async throws {
        try await withEmbeddedBus { bus, time, _ in
            try await check.run(ConformanceEnvironment(bus: bus, pass: { time.advance(by: $0) }))
        }
    }
}

/// Opens a bus with a manual clock in a folder of its own, and closes it.
func withEmbeddedBus(_ body: (Bus, ManualTime, TemporaryFolder) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    let time = ManualTime()
    let bus = try await EmbeddedBus.open(
        EmbeddedBusConfiguration(folder: folder.path), time: time, logger: .silent, metrics: nil)
    do {
        try await body(bus, time, folder)
    } catch {
        await bus.close()
        throw error
    }
    await bus.close()
}
