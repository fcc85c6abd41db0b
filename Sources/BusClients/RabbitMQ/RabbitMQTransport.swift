internal import Runtime
internal import Synchronization

/// What the ports of one client share.
final class RabbitMQTransport: Sendable {
    let configuration: RabbitMQConfiguration
    let time: any TimeSource
    let metrics: RabbitMQMetrics
    let topology = Topology()
    /// Publishes. A connection of its own, because RabbitMQ stops reading from one that publishes under an alarm.
    let publishing: Link
    /// Consumes, declares and asks.
    let consuming: Link
    let publisher: Publisher
    let consumers = LiveConsumers()
    let locks = QueueLocks()
    private let isClosed = Mutex(false)

    init(
        _ configuration: RabbitMQConfiguration, time: any TimeSource, logger: Logger, metrics: MetricsRegistry?
    ) throws(BusError) {
        self.configuration = configuration
        self.time = time
        self.metrics = RabbitMQMetrics(metrics)
        let logger = logger.component("rabbitmq")
        publishing = try Link(purpose: "publish", configuration, time: time, logger: logger, metrics: self.metrics)
        consuming = try Link(purpose: "consume", configuration, time: time, logger: logger, metrics: self.metrics)
        publisher = Publisher(link: publishing, topology: topology)
    }

    /// Connects both links.
    /// - Throws: Why that is not possible; then nothing is left behind.
    func start() async throws(BusError) {
        let topology = topology
        let publisher = publisher
        try await consuming.start(user: nil) { link throws(BusError) in try await topology.restore(on: link) }
        do throws(BusError) {
            try await publishing.start(user: publisher) { link throws(BusError) in
                try await topology.restore(on: link)
                try await publisher.attach()
            }
        } catch {
            await consuming.stop()
            throw error
        }
        publisher.start()
        _ = await consuming.gate.untilReady()
        _ = await publishing.gate.untilReady()
    }

    /// Ends consumers with what they have settled, then publishers, then the connections. Idempotent.
    func close() async {
        let isFirst = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return !isClosed
        }
        guard isFirst else { return }
        await consumers.endAll(within: .seconds(2), time: time)
        publisher.close()
        async let consumingStopped: Void = consuming.stop()
        await publishing.stop()
        await consumingStopped
    }

    /// The worse of the two links.
    var health: ConnectionHealth {
        let standings = [publishing.gate.standing, consuming.gate.standing]
        let healths = standings.map { standing in
            let (state, reason): (ConnectionHealth.State, String?) =
                switch (standing.phase, standing.blocked) {
                case (.closed, _): (.closed, nil)
                case (.connecting(let error), _): (.connecting, error.message)
                case (.restoring, _): (.connecting, "declaring queues and exchanges again")
                case (.ready, .some(let reason)): (.blocked, reason)
                case (.ready, nil): (.connected, nil)
                }
            return ConnectionHealth(transport: .rabbitmq, state: state, reason: reason, since: standing.since)
        }
        let order: [ConnectionHealth.State] = [.closed, .connecting, .blocked]
        for state in order {
            if let worst = healths.first(where: { $0.state == state }) { return worst }
        }
        return healths[0].since > healths[1].since ? healths[0] : healths[1]
    }

    /// Makes the delay queues that jobs are to go to.
    /// - Returns: Why some could not be made, by the jobs' places.
    func ensureDelays(of forwards: [Forward], _ queue: QueueName) async -> PublishOutcome {
        var failures: PublishOutcome = [:]
        for (index, forward) in forwards.enumerated() {
            guard let bucket = forward.bucket else { continue }
            do throws(BusError) {
                try await topology.ensureDelay(queue, bucket, on: consuming)
            } catch {
                failures[index] = error
            }
        }
        return failures
    }
}
