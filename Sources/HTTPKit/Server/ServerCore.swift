import CHTTP
import Runtime
import Synchronization

/// What every connection and exchange of one server shares.
final class ServerCore: Sendable {
    let configuration: HTTPServerConfiguration
    let timeouts: Timeouts
    let routes: RouteTree
    let renderer: ErrorRenderer
    let logger: Logger
    let time: any TimeSource
    let connections = ConnectionTable()
    let credentials: CurrentCredentials
    let requestIDs = RequestIDSource()
    let watchdog: Watchdog
    private let exchanges = Atomic<Int>(0)
    private let collected = Atomic<Int>(0)
    private let draining = Atomic<Bool>(false)
    private let closing = Atomic<Bool>(false)

    init(
        configuration: HTTPServerConfiguration, router: Router, credentials: CurrentCredentials,
        renderer: @escaping ErrorRenderer, logger: Logger, time: any TimeSource
    ) throws(HTTPServerError) {
        self.configuration = configuration
        self.routes = RouteTree(router)
        self.credentials = credentials
        self.renderer = renderer
        self.logger = logger
        self.time = time
        timeouts = Timeouts(configuration)
        watchdog = try Watchdog(connections: connections, timeouts: timeouts)
    }

    /// Whether a stop was asked for: responses close their connections, new requests are refused.
    var isDraining: Bool { draining.load(ordering: .acquiring) }

    /// Whether the daemon is about to stop: nothing may suspend a connection any more.
    var isClosing: Bool { closing.load(ordering: .acquiring) }

    /// Counts an exchange in; false when there are too many.
    func enter() -> Bool {
        if exchanges.add(1, ordering: .relaxed).newValue <= configuration.maxExchanges { return true }
        exchanges.subtract(1, ordering: .relaxed)
        return false
    }

    /// Counts an exchange out.
    func leave() {
        exchanges.subtract(1, ordering: .relaxed)
    }

    /// Takes bytes of the budget for collected bodies; false when it is used up.
    func reserve(_ bytes: Int) -> Bool {
        if collected.add(bytes, ordering: .relaxed).newValue <= configuration.maximumCollectedBytes { return true }
        collected.subtract(bytes, ordering: .relaxed)
        return false
    }

    /// Gives back bytes of the budget for collected bodies.
    func giveBack(_ bytes: Int) {
        collected.subtract(bytes, ordering: .relaxed)
    }

    /// The answer for an error, whatever it is; only ``HTTPError`` shows anything of itself.
    func response(for error: any Error, id: RequestID, trace: TraceOrigin) -> HTTPResponse {
        switch error {
        case let error as HTTPError:
            return renderer(error, id.text)
        case is CancellationError where isDraining, StreamError.serverStopping:
            return renderer(.stopping, id.text)
        case is CancellationError, is StreamError:
            return renderer(
                HTTPError(503, "cancelled", "The request was cancelled.", headers: ["Retry-After": "1"]), id.text)
        default:
            let text = String(describing: error)
            logger.error(
                "handler failed",
                HTTPRequest.logFields(requestID: id.text, trace: trace.context).merging(["error": .string(text)]))
            return renderer(.internalError, id.text)
        }
    }

    /// An answer with the fields of every answer.
    func withStandardHeaders(_ response: HTTPResponse) -> HTTPResponse {
        var response = response
        response.headers.appendMissing(configuration.standardHeaders)
        return response
    }

    /// Starts the drain: idle connections close, endless streams end.
    func beginDrain() {
        draining.store(true, ordering: .releasing)
        for client in connections.all {
            if let exchange = client.exchange {
                exchange.beginDrain()
            }
        }
        connections.shutdownIdle()
    }

    /// Cancels every task that still works for an exchange.
    func cancelExchanges() {
        for client in connections.all { client.exchange?.cancel() }
    }

    /// Resumes everything, for the library to be stopped.
    func close() {
        closing.store(true, ordering: .sequentiallyConsistent)
        for client in connections.all { client.exchange?.abandon() }
    }
}

/// The configuration's durations in nanoseconds.
struct Timeouts: Sendable {
    let header: Int64
    let body: Int64
    let idle: Int64
    let write: Int64
    let bytesPerSecond: Int64

    init(_ configuration: HTTPServerConfiguration) {
        header = configuration.headerTimeout.wholeNanoseconds
        body = configuration.bodyTimeout.wholeNanoseconds
        idle = configuration.idleTimeout.wholeNanoseconds
        write = configuration.writeTimeout.wholeNanoseconds
        bytesPerSecond = Int64(max(1, configuration.minimumBodyRate))
    }

    /// How often deadlines are looked at: an eighth of the shortest, 10 ms to 500 ms.
    var tickMilliseconds: Int32 {
        Int32(min(max(min(header, body, idle, write) / 8_000_000, 10), 500))
    }

    /// The time that a body of `bytes` may take.
    func body(bytes: Int) -> Int64 {
        body + Int64(bytes) * 1_000_000_000 / bytesPerSecond
    }
}
