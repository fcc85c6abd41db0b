import BusClients
import Runtime

/// The bus as the first service of a process: its topology stands before anybody uses it, and it closes after all.
struct BusService: Service {
    let name = "bus"
    let bus: Bus
    let topology: FleetTopology

    func run(_ lifecycle: Lifecycle) async throws {
        try await topology.declare(on: bus)
        lifecycle.started()
        await lifecycle.waitForStop()
        await bus.close()
    }
}
