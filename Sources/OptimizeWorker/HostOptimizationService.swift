package import BusClients
internal import Contracts
package import Runtime

/// Performs the optimizations that are asked of one host.
///
/// Requests wait in `optimize.host.<host>`. Those that change the host run one at a time, in their order; dry runs
/// have a lane of their own, also one at a time, so that a preview does not wait for a change.
package final class HostOptimizationService: Service {
    package let name = "optimize-worker"
    private let configuration: HostOptimizationConfiguration
    private let optimizations: [String: any Optimization]
    private let bus: Bus
    private let time: any TimeSource
    private let counters: SessionCounters
    private let spans = TraceIDSource()
    private let logger: Logger

    package init(
        configuration: HostOptimizationConfiguration, optimizations: [any Optimization], bus: Bus,
        time: any TimeSource, metrics: MetricsRegistry, logger: Logger
    ) {
        self.configuration = configuration
        self.optimizations = Dictionary(optimizations.map { ($0.type, $0) }) { first, _ in first }
        self.bus = bus
        self.time = time
        counters = SessionCounters(metrics, types: optimizations.map(\.type))
        self.logger = logger.component("optimize")
    }

    /// The optimizations that this version has.
    package static func standardOptimizations(disk: DiskConfiguration) -> [any Optimization] {
        [MemoryOptimization(), DiskOptimization(configuration: disk)]
    }

    package func run(_ lifecycle: Lifecycle) async throws {
        let journal = try await Journal.open(
            path: configuration.stateFolder + "/optimize-journal.db", logger: logger)
        do {
            try await journal.prune(before: time.now.advanced(by: .zero - configuration.journalAge))
            try await declare()
            _ = try await lifecycle.untilStop { [self] in try await work(journal, lifecycle) }
        } catch {
            try await journal.close()
            throw error
        }
        try await journal.close()
    }

    private var queue: QueueName { QueueName(StreamNames.optimizeHost(configuration.host)) }

    private func declare() async throws {
        // One worker at a time: two would change one host at once.
        try await bus.queues.declare(
            queue,
            WorkQueueOptions(
                maximumAttempts: configuration.maximumAttempts, maximumLength: 10_000, singleActiveConsumer: true))
        try await bus.events.declare(ExchangeName(StreamNames.optimizationEvents), EventExchangeOptions())
        // A cancellation concerns what runs now; what this worker has read stays in its journal.
        try await bus.events.declare(
            ExchangeName(StreamNames.fleetControl),
            EventExchangeOptions(maximumAge: .seconds(3600), maximumBytes: 16 << 20))
    }

    /// Runs until its task is cancelled; then the deliveries in hand go back to the queue unsettled.
    private func work(_ journal: Journal, _ lifecycle: Lifecycle) async throws {
        let registry = CancellationRegistry()
        let listener = CancellationListener(
            host: configuration.host, bus: bus, journal: journal, registry: registry, logger: logger)
        let caughtUp = Latch()
        // Unbounded streams, but never more in them than the prefetch: what waits is unsettled.
        let (changes, changing) = AsyncStream.makeStream(of: SessionDelivery.self)
        let (previews, previewing) = AsyncStream.makeStream(of: SessionDelivery.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                try await reconnecting {
                    try await listener.run(marker: "\(configuration.host).\(time.now.microseconds)", caughtUp: caughtUp)
                }
            }
            for (name, lane) in [("changes", changes), ("previews", previews)] {
                group.addTask { [self] in
                    let thread = BlockingThread(name: "optimize-\(name)")
                    defer { thread.stop() }
                    let runner = SessionRunner(
                        host: configuration.host, optimizations: optimizations, bus: bus, journal: journal,
                        cancellations: registry, thread: thread, time: time, counters: counters, logger: logger)
                    for await delivery in lane { await handle(delivery, runner) }
                }
            }
            group.addTask { [self] in
                await caughtUp.wait()
                try Task.checkCancellation()
                try await reconnecting {
                    let deliveries = try await bus.queues.consume(queue, prefetch: configuration.prefetch)
                    lifecycle.started()
                    for try await batch in deliveries {
                        for delivery in batch {
                            guard let received = read(delivery) else { continue }
                            (received.request.isDryRun ? previewing : changing).yield(received)
                        }
                    }
                }
            }
            defer {
                changing.finish()
                previewing.finish()
            }
            // None of them ends by itself while the bus is open.
            try await group.next()
            group.cancelAll()
        }
        try Task.checkCancellation()
        throw BusError(.closed, "the bus closed")
    }

    /// Runs the body again after a pause as long as it fails for a reason that passes.
    private func reconnecting(_ body: () async throws -> Void) async throws {
        let policy = RetryPolicy(initial: .seconds(1), maximum: .seconds(30))
        try await policy.run(time: time) { error in
            guard let error = error as? BusError, error.isRetriable else { return false }
            logger.warning("bus_unavailable", ["error": "\(error)"])
            return true
        } body: {
            try await body()
        }
    }

    /// A delivery's request; nil when it is poison, which goes to the dead letters.
    private func read(_ delivery: Delivery) -> SessionDelivery? {
        let trace = spans.resume(delivery.message.headers.trace)
        do {
            let request = try OptimizationRequest(json: delivery.message.body)
            guard (1...200).contains(request.id.utf8.count) else { throw MessageError("id must have 1 to 200 bytes") }
            return SessionDelivery(request: request, delivery: delivery, trace: trace)
        } catch {
            logger.warning(
                "request_rejected",
                trace.logFields.merging(["message": "\(delivery.message.id)", "error": "\(error)"]))
            counters.rejected.increment()
            delivery.reject(reason: "not an optimization request: \(error)")
            return nil
        }
    }

    private func handle(_ received: SessionDelivery, _ runner: SessionRunner) async {
        let (request, delivery, trace) = (received.request, received.delivery, received.trace)
        let logger = logger.with(trace.logFields.merging(["session": .string(request.id)]))
        do {
            try Task.checkCancellation()
            try await runner.run(request, trace) { delivery.inProgress() }
            delivery.ack()
        } catch {
            // The worker stops: the delivery returns to the queue, and the session goes on in the next process.
            if Task.isCancelled { return }
            logger.warning(
                "session_interrupted",
                ["attempt": .int(Int64(delivery.attempt)), "error": "\(error)"])
            if delivery.attempt < configuration.maximumAttempts {
                return delivery.retry(
                    after: configuration.retry.delay(attempt: delivery.attempt) ?? .zero, reason: "\(error)")
            }
            do {
                try await runner.abandon(request, trace, because: error)
            } catch {
                logger.error("session_end_untold", ["error": "\(error)"])
            }
            delivery.reject(reason: "attempts exhausted: \(error)")
        }
    }
}

/// A request in the hands of the worker.
private struct SessionDelivery: Sendable {
    let request: OptimizationRequest
    let delivery: Delivery
    /// The worker's span in the trace of whoever asked.
    let trace: TraceContext
}
