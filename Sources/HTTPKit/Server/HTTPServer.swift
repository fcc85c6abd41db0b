package import Runtime
import Synchronization

/// An HTTP/1.1 server: event loops of libmicrohttpd in front of a ``Router``.
///
/// A stop closes the listener and idle connections, ends event streams, lets exchanges in flight finish until the
/// drain's deadline, then cancels their tasks, which answer 503, and closes what is left a second later.
package final class HTTPServer: Service {
    /// How long cancelled handlers may take to answer.
    private static let cancelGrace = Duration.seconds(1)

    package let name = "http"
    private let configuration: HTTPServerConfiguration
    private let router: Router
    private let renderer: ErrorRenderer
    private let logger: Logger
    private let time: any TimeSource
    private let port = Atomic<Int>(0)

    /// Makes a server that doesn't listen yet.
    package init(
        configuration: HTTPServerConfiguration, router: Router,
        errorRenderer: @escaping ErrorRenderer = HTTPServer.plainErrors, logger: Logger, time: any TimeSource
    ) {
        self.configuration = configuration
        self.router = router
        renderer = errorRenderer
        self.logger = logger
        self.time = time
    }

    /// The port that is listened on; 0 before the start.
    package var boundPort: Int { port.load(ordering: .acquiring) }

    /// Listens until a stop is asked for; throws ``HTTPServerError`` when it can't.
    package func run(_ lifecycle: Lifecycle) async throws {
        try await run(started: lifecycle.started, untilStop: lifecycle.waitForStop)
    }

    /// `run(_:)` with the two moments of a lifecycle as functions.
    func run(started: @Sendable () -> Void, untilStop: @Sendable () async -> Void) async throws {
        let socket = try ListenSocket(host: configuration.host, port: configuration.port)
        let core = try ServerCore(
            configuration: configuration, router: router, renderer: renderer, logger: logger, time: time)
        let daemon = try Daemon(core, listening: socket)
        do {
            try core.watchdog.start()
        } catch {
            daemon.quiesce()
            daemon.stop()
            throw error
        }
        port.store(socket.port, ordering: .releasing)
        let scheme = configuration.tls == nil ? "http" : "https"
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        logger.info("listening", ["url": .string("\(scheme)://\(host):\(socket.port)")])
        started()
        await untilStop()
        await stop(core, daemon, socket)
    }

    private func stop(_ core: ServerCore, _ daemon: Daemon, _ socket: ListenSocket) async {
        daemon.quiesce()
        socket.refuse()
        core.beginDrain()
        if await !drained(core, within: configuration.drainDeadline) {
            let count = core.connections.count
            logger.warning("drain deadline passed", ["connections": .int(Int64(count))])
            core.cancelExchanges()
            _ = await drained(core, within: Self.cancelGrace)
        }
        core.close()
        await withCheckedContinuation { continuation in
            core.watchdog.stop {
                daemon.stop()
                continuation.resume()
            }
        }
        withExtendedLifetime(socket) {}
    }

    /// Waits until every connection is closed; false when that takes longer than `limit` or the task is cancelled.
    private func drained(_ core: ServerCore, within limit: Duration) async -> Bool {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [time] in
                // A cancelled wait ends the drain like one that is over.
                try? await time.sleep(for: limit)
                core.connections.release()
            }
            await core.connections.waitUntilEmpty()
            group.cancelAll()
        }
        return core.connections.isEmpty
    }
}
