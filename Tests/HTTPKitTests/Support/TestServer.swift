import Runtime
import Synchronization
import Testing

@testable import HTTPKit

/// A running server on a port of the kernel's choice.
final class TestServer: Sendable {
    private let server: HTTPServer
    let observations: Observations
    private let stopSignal: TestSignal
    private let running: Task<Void, any Error>

    /// What the server reported, one for each finished request; it comes shortly after the client has its answer.
    final class Observations: Sendable {
        private struct State {
            var list: [RequestObservation] = []
            var waiters: [(count: Int, continuation: CheckedContinuation<[RequestObservation], Never>)] = []
        }

        private let state = Mutex(State())

        func add(_ observation: RequestObservation) {
            let (list, ready) = state.withLock { state in
                state.list.append(observation)
                let count = state.list.count
                defer { state.waiters.removeAll { $0.count <= count } }
                return (state.list, state.waiters.filter { $0.count <= count })
            }
            for waiter in ready { waiter.continuation.resume(returning: list) }
        }

        /// Waits for the first `count` observations.
        func first(_ count: Int) async -> [RequestObservation] {
            await withCheckedContinuation { continuation in
                let list = state.withLock { state -> [RequestObservation]? in
                    if state.list.count >= count { return state.list }
                    state.waiters.append((count, continuation))
                    return nil
                }
                if let list { continuation.resume(returning: list) }
            }
        }
    }

    static func start(
        _ routes: (inout Router) -> Void, configure: (inout HTTPServerConfiguration) -> Void = { _ in },
        renderer: @escaping ErrorRenderer = HTTPServer.plainErrors, logger: Logger = .silent
    ) async throws -> TestServer {
        var router = Router()
        routes(&router)
        let observations = Observations()
        var configuration = HTTPServerConfiguration(host: "127.0.0.1", port: 0)
        configuration.observe = { observations.add($0) }
        configure(&configuration)
        let server = HTTPServer(
            configuration: configuration, router: router, errorRenderer: renderer, logger: logger, time: SystemTime())
        let started = TestSignal()
        let stop = TestSignal()
        let running = Task {
            defer { started.fire() }
            try await server.run(started: { started.fire() }, untilStop: { await stop.wait() })
        }
        await started.wait()
        if server.boundPort == 0 { try await running.value }
        return TestServer(server: server, observations: observations, stopSignal: stop, running: running)
    }

    private init(server: HTTPServer, observations: Observations, stopSignal: TestSignal, running: Task<Void, any Error>)
    {
        self.server = server
        self.observations = observations
        self.stopSignal = stopSignal
        self.running = running
    }

    var port: Int { server.boundPort }

    var isStopping: Bool { server.isStopping }

    /// Shows another certificate to new connections.
    func replaceIdentity(_ identity: TLSIdentity) throws { try server.replaceIdentity(identity) }

    /// Asks for a stop without waiting for it.
    func beginStop() { stopSignal.fire() }

    func stop() async throws {
        stopSignal.fire()
        try await running.value
    }

    /// Runs `body` with a blocking client off the cooperative pool.
    func client<T: Sendable>(_ body: @escaping @Sendable (RawClient) throws -> T) async throws -> T {
        let port = port
        return try await offPool {
            let client = try RawClient(port: port)
            defer { client.close() }
            return try body(client)
        }
    }
}

/// Runs `body` against a server and stops it afterwards.
func withServer(
    _ routes: (inout Router) -> Void, configure: (inout HTTPServerConfiguration) -> Void = { _ in },
    renderer: @escaping ErrorRenderer = HTTPServer.plainErrors, logger: Logger = .silent,
    _ body: (TestServer) async throws -> Void
) async throws {
    let server = try await TestServer.start(routes, configure: configure, renderer: renderer, logger: logger)
    do {
        try await body(server)
    } catch {
        try await server.stop()
        throw error
    }
    try await server.stop()
}
