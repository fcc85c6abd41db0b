import BusClients
import BusTestKit
import Contracts
import Runtime
import Synchronization

@testable import OptimizeWorker

/// A bus, a journal and a state folder of a test's own, and the worker's parts on them.
final class Workbench: Sendable {
    static let host = "h1"

    let folder: TemporaryFolder
    let bus: Bus
    let time = SystemTime()
    let stateFolder: String
    let metrics = MetricsRegistry()
    let log = LogMemory()

    init() async throws {
        folder = try TemporaryFolder()
        stateFolder = folder.path + "/state"
        try TestFiles.makeFolder(stateFolder)
        try TestFiles.makeFolder(folder.path + "/bus")
        bus = try await EmbeddedBus.open(
            EmbeddedBusConfiguration(folder: folder.path + "/bus"), time: time, logger: .silent, metrics: nil)
        for name in [StreamNames.optimizationEvents, StreamNames.fleetControl] {
            try await bus.events.declare(ExchangeName(name), EventExchangeOptions())
        }
        try await bus.queues.declare(queue, WorkQueueOptions())
    }

    private var logger: Logger { Logger(component: "optimize", sink: LogSink(format: .json, memory: log)) }

    var queue: QueueName { QueueName(StreamNames.optimizeHost(Self.host)) }

    func request(
        _ id: String = "t1", type: String = "fake", isDryRun: Bool = false, parameters: String = "{}"
    ) -> OptimizationRequest {
        OptimizationRequest(
            id: id, type: type, host: Self.host, parameters: Array(parameters.utf8), isDryRun: isDryRun,
            requestedBy: "user-7", requestedAt: time.now)
    }

    func enqueue(_ request: OptimizationRequest, headers: Headers = [:]) async throws {
        let message = Message(id: MessageID(request.id), headers: headers, body: request.json)
        try await bus.queues.enqueue([Job(message)], to: queue)
    }

    func cancel(_ session: String) async throws {
        let order = ControlMessage.cancel(
            .init(sessionID: session, requestedBy: "user-7", requestedAt: time.now))
        let message = Message(id: MessageID("cancel-\(session)"), body: order.json)
        try await bus.events.publish(
            [Event(routingKey: RoutingKey(StreamNames.cancelSession(session)), message: message)],
            to: ExchangeName(StreamNames.fleetControl))
    }

    /// Runs a session at once, without a queue, and returns its result.
    func run(_ request: OptimizationRequest, _ optimization: any Optimization) async throws -> OptimizationResult {
        let journal = try await Journal.open(path: stateFolder + "/optimize-journal.db", logger: .silent)
        let thread = BlockingThread(name: "test")
        let runner = SessionRunner(
            host: Self.host, optimizations: [optimization.type: optimization], bus: bus, journal: journal,
            cancellations: CancellationRegistry(), thread: thread, time: time,
            counters: SessionCounters(metrics, types: [optimization.type]), logger: logger)
        let result: OptimizationResult?
        do {
            try await runner.run(request, TraceIDSource().begin())
            result = try await journal.result(of: request.id)
        } catch {
            try await journal.close()
            throw error
        }
        thread.stop()
        try await journal.close()
        guard let result else { throw ConformanceFailure("the session did not end") }
        return result
    }

    /// Runs the service while the body runs, then stops it.
    func whileServing(
        _ optimizations: [any Optimization], _ body: @escaping @Sendable (Lifecycle) async throws -> Void
    ) async throws {
        let configuration = HostOptimizationConfiguration(
            host: Self.host, stateFolder: stateFolder, retry: RetryPolicy(initial: .zero, maximum: .zero))
        let service = HostOptimizationService(
            configuration: configuration, optimizations: optimizations, bus: bus, time: time,
            metrics: metrics, logger: logger)
        let lifecycle = Lifecycle()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await service.run(lifecycle)
                } catch {
                    lifecycle.started()
                    throw error
                }
            }
            await lifecycle.waitUntilStarted()
            try await body(lifecycle)
            lifecycle.requestStop()
            try await group.waitForAll()
        }
    }

    /// The events from the beginning up to one that matches.
    func events(until isLast: @escaping @Sendable (SeenEvent) -> Bool) async throws -> [SeenEvent] {
        let events = try await bus.events.subscribe(
            to: ExchangeName(StreamNames.optimizationEvents), matching: [.all], from: .first)
        return try await withThrowingTaskGroup(of: [SeenEvent].self) { group in
            group.addTask {
                var seen: [SeenEvent] = []
                for try await batch in events {
                    for event in batch {
                        seen.append(try SeenEvent(event))
                        if let last = seen.last, isLast(last) { return seen }
                    }
                }
                throw ConformanceFailure("the bus closed; seen \(seen.map(\.type))")
            }
            group.addTask {
                try await Task.sleep(for: .seconds(20))
                throw ConformanceFailure("no such event within 20 s")
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
    }

    /// The events from the beginning up to the end of a session.
    func events(untilEndOf session: String) async throws -> [SeenEvent] {
        try await events { $0.taskID == session && $0.isTerminal }
    }
}

/// An event as a test looks at it.
struct SeenEvent: Sendable {
    let key: String
    let messageID: String
    let type: String
    let data: Facts
    let result: OptimizationResult?
    let trace: TraceContext?

    init(_ event: RecordedEvent) throws {
        let body = try OptimizationEvent(json: event.message.body)
        key = event.routingKey.rawValue
        messageID = event.message.id.rawValue
        type = body.type
        trace = event.message.headers.trace
        let root = try JSONDocument(parsing: body.data).root
        data = Facts(root)
        result = try root["result"].map { try OptimizationResult($0) }
    }

    var taskID: String? { data["task_id"]?.text }
    var isTerminal: Bool { ["session.completed", "session.failed", "session.cancelled"].contains(type) }
}
