import BusClients
import Contracts
import Glibc
import HTTPKit
import Ingress
import Runtime

/// A process that runs one role of the fleet, or all of them.
struct FleetProcess: Sendable {
    /// As the command line and the lock file name it.
    let name: String
    let roles: [Role]
    let invocation: Invocation

    /// Runs until it is asked to stop.
    /// - Throws: `CommandFailure`; what goes wrong later is in the log as well.
    func run() async throws -> ExitCode {
        let settings = try FleetSettings(invocation, roles: roles)
        try settings.stateFolder.create()
        // Views have one writer, and clients look here for the address.
        let announcement = roles.contains(.ingress) ? try announce(in: settings.stateFolder) : nil
        let time = invocation.time
        let logger = Logger(
            component: name, sink: LogSink(format: settings.logFormat, levels: settings.logLevels, time: time))
        for setting in settings.withoutEffect {
            logger.warning("setting_without_effect", ["setting": .string(setting)])
        }
        let metrics = MetricsRegistry()
        // A hangup is to reload the certificate: until the ingress does that, it must not end the process.
        let hangups = settings.tls == nil ? nil : try SignalWatch([SIGHUP]) { _ in }
        defer { hangups?.stop() }
        do {
            let opening = FleetBus(
                settings: settings.bus, folder: settings.stateFolder, time: time, logger: logger.component("bus"),
                metrics: metrics)
            guard let opened = try await opening.openWhenReachable() else { return .success }
            let bus = opened.monitored(time: time, metrics: metrics)
            do {
                let services = FleetServices(
                    name: name, settings: settings, bus: bus, time: time, metrics: metrics, logger: logger,
                    console: invocation.console)
                try await ServiceGroup(
                    services.make(roles, announcement), stopDeadline: .seconds(20) + settings.drainAnnouncement,
                    time: time, logger: logger
                ).run()
            } catch {
                await bus.close()
                throw error
            }
        } catch {
            throw Self.failure(error)
        }
        // The lock is held to the very end.
        withExtendedLifetime(announcement) {}
        return .success
    }

    private func announce(in folder: StateFolder) throws(CommandFailure) -> Announcement {
        let holder = StateFolderLock.Holder(pid: getpid(), role: name, startedAt: invocation.time.now, url: nil)
        return Announcement(lock: try StateFolderLock.acquire(folder, for: holder), holder: holder)
    }

    private static func failure(_ error: any Error) -> any Error {
        switch error {
        case let error as BusError: failure(error)
        case let error as AccessError:
            CommandFailure(.configuration, "access_\(error.code.rawValue)", error.message)
        case let error as TLSError: CommandFailure(.configuration, "tls", "TLS cannot be served: \(error.message)")
        case ServiceGroupError.failed(_, let error as BusError): failure(error)
        case let error as ServiceGroupError: CommandFailure(.failed, "service", error.description)
        default: error
        }
    }

    /// What a broker refuses is for whoever configured it to mend; the rest may pass.
    private static func failure(_ error: BusError) -> CommandFailure {
        CommandFailure(
            error.code == .accessRefused || error.code == .unsupported ? .configuration : .failed,
            "bus_\(error.code.rawValue)", "the bus cannot be used: \(error.message)")
    }
}

/// The lock that is held, and what it says.
struct Announcement: Sendable {
    let lock: StateFolderLock
    let holder: StateFolderLock.Holder
}
