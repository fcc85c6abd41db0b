package import BusClients
import Contracts
package import Runtime

/// The command pusher: takes accepted commands from `command.requests` to the topic that connectors read.
///
/// Commands are published in the order of the queue, each once however often a pusher dies, and not after their expiry.
/// A batch that cannot be published now is kept in hand and tried again, so that no later command of a device overtakes
/// an earlier one. Deliveries are acknowledged when the statuses of their commands are durable.
package final class CommandPushService: Service {
    package let name = "command-pusher"
    private let configuration: CommandPusherConfiguration
    private let bus: Bus
    private let time: any TimeSource
    private let metrics: PusherMetrics
    private let cancellations: Cancellations
    private let spans = TraceIDSource()
    private let logger: Logger
    private let backoff = RetryPolicy(initial: .milliseconds(50), maximum: .seconds(5))

    package init(
        configuration: CommandPusherConfiguration = CommandPusherConfiguration(), bus: Bus, time: any TimeSource,
        metrics: MetricsRegistry, logger: Logger
    ) {
        self.configuration = configuration
        self.bus = bus
        self.time = time
        self.metrics = PusherMetrics(metrics)
        let logger = logger.component("pusher")
        self.logger = logger
        cancellations = Cancellations(exchange: configuration.cancellationExchange, time: time, logger: logger)
    }

    /// Runs until it is asked to stop; finishes the batch in hand first if the bus lets it.
    /// - Throws: `BusError` when the bus cannot be used any more.
    package func run(_ lifecycle: Lifecycle) async throws {
        _ = try await lifecycle.untilStop { [self] in
            var attempt = 0
            while !lifecycle.isStopping {
                do {
                    try await declare()
                    try await cancellations.catchUp(bus.events)
                    let deliveries = try await bus.queues.consume(configuration.queue, prefetch: configuration.prefetch)
                    lifecycle.started()
                    attempt = 0
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { [self] in await cancellations.follow(bus.events) }
                        defer { group.cancelAll() }
                        try await consume(deliveries, lifecycle)
                    }
                    return
                } catch let error as BusError where !error.isFatal {
                    attempt += 1
                    logger.warning("bus unavailable", ["error": "\(error)", "attempt": .int(Int64(attempt))])
                    try await pause(after: attempt, lifecycle)
                } catch let error as BusError where error.code == .closed {
                    return
                }
            }
        }
    }

    private func declare() async throws(BusError) {
        try await bus.queues.declare(
            configuration.queue,
            WorkQueueOptions(
                maximumAttempts: CommandQueue.maximumAttempts, leaseDuration: CommandQueue.leaseDuration,
                maximumLength: CommandQueue.maximumLength, singleActiveConsumer: true))
        try await bus.events.declare(
            configuration.cancellationExchange,
            EventExchangeOptions(maximumAge: CommandCancellation.age, maximumBytes: CommandCancellation.bytes))
        try await bus.log.createTopic(configuration.commandTopic, TopicOptions())
        try await bus.log.createTopic(
            configuration.statusTopic,
            TopicOptions(maximumAge: CommandQueue.statusAge, maximumBytes: CommandQueue.statusBytes))
    }

    private func consume(_ deliveries: Deliveries, _ lifecycle: Lifecycle) async throws {
        var pipeline = PushPipeline(
            configuration: configuration, log: bus.log, events: bus.events, cancellations: cancellations,
            time: time)
        for try await ready in deliveries {
            // Not cancelled with this task: a stop lets the batch in hand end instead of leaving it to a look-up.
            pipeline = try await Task { [pipeline] in
                var pipeline = pipeline
                try await push(ready, &pipeline, lifecycle)
                return pipeline
            }.value
            if lifecycle.isStopping { return }
        }
    }

    /// Pushes deliveries in their order, some at a time.
    private func push(_ ready: [Delivery], _ pipeline: inout PushPipeline, _ lifecycle: Lifecycle) async throws {
        var start = ready.startIndex
        while start < ready.endIndex {
            var end = start
            var bytes = 0
            while end < ready.endIndex,
                end == start || bytes + ready[end].message.body.count <= configuration.chunkBytes
            {
                bytes += ready[end].message.body.count
                end += 1
            }
            guard try await pushPart(ready[start..<end], &pipeline, lifecycle) else { return }
            start = end
        }
    }

    /// Pushes deliveries together; false when it was given up because of a stop, which returns them to the queue.
    private func pushPart(
        _ part: ArraySlice<Delivery>, _ pipeline: inout PushPipeline, _ lifecycle: Lifecycle
    ) async throws -> Bool {
        var batch = PushBatch(spans: spans, part)
        reject(batch.unreadable)
        var attempt = 0
        while true {
            do {
                try await pipeline.publish(&batch)
                break
            } catch  where error.isFatal {
                throw error
            } catch {
                attempt += 1
                if error.code == .unknownTopic { await declareAgain() }
                metrics.retried()
                logger.warning(
                    "push failed",
                    batch.logFields.merging(["error": "\(error)", "attempt": .int(Int64(attempt))]))
            }
            try await pause(after: attempt, lifecycle)
            guard !lifecycle.isStopping else { return false }
        }
        for delivery in batch.deliveries { delivery.ack() }
        metrics.pushed(batch)
        logger.debug("pushed", batch.logFields)
        return true
    }

    private func reject(_ unreadable: [(delivery: Delivery, reason: String)]) {
        guard !unreadable.isEmpty else { return }
        for (delivery, reason) in unreadable {
            logger.error(
                "job rejected",
                spans.resume(delivery.message.headers.trace).logFields.merging([
                    "message": .string(delivery.message.id.rawValue), "reason": .string(reason),
                ]))
            delivery.reject(reason: reason)
        }
        metrics.rejected(unreadable.count)
    }

    /// A broker that lost its topics.
    private func declareAgain() async {
        do {
            try await declare()
        } catch {
            logger.warning("topics missing", ["error": "\(error)"])
        }
    }

    /// Waits out a failure, or until a stop is asked.
    private func pause(after attempt: Int, _ lifecycle: Lifecycle) async throws {
        let delay = backoff.delay(attempt: attempt) ?? backoff.maximum
        _ = try await lifecycle.untilStop { [time] in try await time.sleep(for: delay) }
    }
}
