import BusClients
import Runtime

/// The bus as the first service of a process: its topology stands before anybody uses it, and it closes after all.
struct BusService: Service {
    let name = "bus"
    let bus: Bus
    let topology: FleetTopology
    let time: any TimeSource
    let logger: Logger

    func run(_ lifecycle: Lifecycle) async throws {
        let policy = RetryPolicy(initial: .milliseconds(200), maximum: .seconds(5))
        _ = try await lifecycle.untilStop {
            try await policy.run(time: time) { error in
                guard let error = error as? BusError, error.isRetriable else { return false }
                logger.warning("topology_not_declared", ["error": "\(error)"])
                return true
            } body: {
                try await topology.declare(on: bus)
            }
        }
        lifecycle.started()
        await lifecycle.waitForStop()
        await bus.close()
    }
}
