import BusClients
import Runtime

/// The bus of the fleet, for as long as a command needs it: the brokers that are set, and the state folder for the rest.
enum LocalBus {
    /// Opens the bus, calls `body`, and closes it whatever happens.
    /// - Parameter makesIt: Whether a state folder that has no bus yet is given one.
    /// - Throws: `CommandFailure`, with `ExitCode.unreachable` when there is no bus to open.
    static func use<T>(
        _ invocation: Invocation, makesIt: Bool = false, _ body: (Bus) async throws -> T
    ) async throws -> T {
        let folder = try ClientSettings(invocation).stateFolder
        var reader = try SettingsReader(invocation)
        let settings = BusSettings.read(&reader)
        do { try reader.finish() } catch { throw CommandFailure(error) }
        if makesIt { try folder.create() }
        guard makesIt || folder.hasBus || !settings.usesEmbeddedBus else {
            throw CommandFailure(
                .unreachable, "no_bus", "there is no bus in the state folder \(folder.path)",
                hint: "'flotilla up' makes one; another folder is given with --state or FLOTILLA_STATE.")
        }
        do {
            let bus = try await FleetBus(
                settings: settings, folder: folder, time: invocation.time, logger: .silent
            ).open()
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
            case .unavailable, .unconfirmed, .corrupt, .closed: .unreachable
            case .accessRefused: .accessDenied
            default: .failed
            }
        self.init(exit, "bus_\(error.code.rawValue)", error.message)
    }
}
