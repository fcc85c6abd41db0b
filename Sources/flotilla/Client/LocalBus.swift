import BusClients
import Runtime

/// The bus of the fleet on this machine, for as long as a command needs it.
enum LocalBus {
    /// Opens the bus of the state folder, calls `body`, and closes it whatever happens.
    /// - Throws: `CommandFailure`, with `ExitCode.unreachable` when there is no bus to open.
    static func use<T>(_ invocation: Invocation, _ body: (Bus) async throws -> T) async throws -> T {
        let folder = try ClientSettings(invocation).stateFolder
        guard folder.hasBus else {
            throw CommandFailure(
                .unreachable, "no_bus", "there is no bus in the state folder \(folder.path)",
                hint: "'flotilla up' makes one; another folder is given with --state or FLOTILLA_STATE.")
        }
        do {
            let bus = try await EmbeddedBus.open(
                EmbeddedBusConfiguration(folder: folder.path), time: invocation.time, logger: .silent, metrics: nil)
            do {
                let result = try await body(bus)
                await bus.close()
                return result
            } catch {
                await bus.close()
                throw error
            }
        } catch let error as BusError {
            throw CommandFailure(error)
        }
    }
}

extension CommandFailure {
    /// What a failure of the bus means for a command.
    init(_ error: BusError) {
        let exit: ExitCode =
            switch error.code {
            case .unknownQueue, .unknownExchange, .unknownTopic: .notFound
            case .invalidName: .usage
            case .unavailable, .corrupt, .closed: .unreachable
            default: .failed
            }
        self.init(exit, "bus_\(error.code.rawValue)", error.message)
    }
}
