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
    private let stopping = Atomic<Bool>(false)
    private let credentials = CurrentCredentials()

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

    /// Whether a stop was asked for, also while connections are still taken.
    package var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// Shows another certificate to connections that come from now on; those that are open keep theirs. Of no effect
    /// on a server that was made without TLS.
    /// - Throws: `TLSError`; the identity in use stays.
    package func replaceIdentity(_ identity: TLSIdentity) throws(TLSError) {
        credentials.current = try TLSCredentials(identity)
    }

    /// Whether an address can be listened on now; nothing is served.
    /// - Throws: ``HTTPServerError`` that says why not.
    package static func probe(host: String, port: Int) throws(HTTPServerError) {
        _ = try ListenSocket(host: host, port: port)
    }

    /// Listens until a stop is asked for; throws ``HTTPServerError`` when it can't.
    package func run(_ lifecycle: Lifecycle) async throws {
        try await run(started: lifecycle.started, untilStop: lifecycle.waitForStop)
    }

    /// `run(_:)` with the two moments of a lifecycle as functions.
    func run(started: @Sendable () -> Void, untilStop: @Sendable () async -> Void) async throws {
        if let identity = configuration.tls, credentials.current == nil { try show(identity) }
        let socket = try ListenSocket(host: configuration.host, port: configuration.port)
        let core = try ServerCore(
            configuration: configuration, router: router, credentials: credentials, renderer: renderer, logger: logger,
            time: time)
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
        stopping.store(true, ordering: .releasing)
        await announceStop()
        await stop(core, daemon, socket)
    }

    private func show(_ identity: TLSIdentity) throws(HTTPServerError) {
        do { try replaceIdentity(identity) } catch {
            throw HTTPServerError(code: .startFailed, message: "TLS can't be served: \(error.message).", errno: 0)
        }
    }

    /// Goes on serving while load balancers learn of the stop.
    private func announceStop() async {
        guard configuration.drainAnnouncement > .zero else { return }
        logger.info("stop announced", ["seconds": .double(configuration.drainAnnouncement / .seconds(1))])
        // A cancelled wait ends the announcement like one that is over.
        try? await time.sleep(for: configuration.drainAnnouncement)
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
