import BusClients
import Contracts
import Runtime
import Synchronization

/// The parts of a running connector: they share its state, and each wakes the others for what they wait for.
final class Connector: Sendable {
    /// Reports and answers in hand beyond which nothing more is heard.
    private static let maximumOutcomes = 4096
    /// The shortest time between two looks at the deadlines, and the longest.
    private static let ticks: (shortest: Duration, longest: Duration) = (.milliseconds(100), .seconds(1))

    private let configuration: DeviceConnectorConfiguration
    private let bus: Bus
    private let link: MQTTLink
    private let time: any TimeSource
    private let metrics: ConnectorMetrics
    private let logger: Logger
    private let backoff = RetryPolicy(initial: .milliseconds(50), maximum: .seconds(5))

    private let state: Mutex<ConnectorState>
    private let consumer = Mutex<(any LogConsumer)?>(nil)
    /// There may be room for records.
    private let room = Wake()
    /// There are outcomes to make durable.
    private let outcomes = Wake()
    /// There may be deadlines.
    private let deadlines = Wake()
    /// The outcomes of before are durable.
    private let durable = Wake()
    /// Nothing is under way after a stop.
    private let settled = Latch()

    init(
        _ configuration: DeviceConnectorConfiguration, bus: Bus, link: MQTTLink, time: any TimeSource,
        metrics: ConnectorMetrics, logger: Logger
    ) {
        self.configuration = configuration
        self.bus = bus
        self.link = link
        self.time = time
        self.metrics = metrics
        self.logger = logger
        state = Mutex(ConnectorState(configuration))
    }

    // MARK: Commands

    /// Takes commands until the task is cancelled or the consumer closes.
    func takeCommands(_ consumer: any LogConsumer) async throws(BusError) {
        self.consumer.withLock { $0 = consumer }
        while true {
            while !state.withLock({ $0.hasRoom }) { guard await room.wait() else { return } }
            guard let records = try await consumer.next() else { return }
            let now = time.now
            state.withLock { state in for record in records { state.take(record, now: now) } }
            pump()
        }
    }

    /// Sends what may be sent, and wakes who has something to do.
    private func pump() {
        let (now, uptime) = (time.now, time.uptime)
        state.withLock { state in
            // Under the lock: what is sent first must reach the link first.
            for (token, message) in state.sends(now: now, uptime: uptime) { link.send(message, token: token) }
            if state.outcomeCount > 0 { outcomes.signal() }
            if state.isSettled, state.isStopping { settled.open() }
        }
        room.signal()
        deadlines.signal()
    }

    // MARK: The link

    /// Hears what the broker and the devices say, until the link ends.
    func hear() async {
        while let events = await link.events() {
            let uptime = time.uptime
            for event in events { log(event) }
            state.withLock { state in
                for event in events { state.handle(event, now: time.now, uptime: uptime) }
            }
            pump()
            while state.withLock({ $0.outcomeCount >= Self.maximumOutcomes }) {
                guard await durable.wait() else { break }
            }
        }
        outcomes.end()
    }

    private func log(_ event: MQTTLink.Event) {
        let broker: LogValue = .string(configuration.mqtt.broker)
        switch event {
        case .connected:
            metrics.isConnected(true)
            logger.info("mqtt_connected", ["broker": broker])
        case .disconnected(let reason, let isRefusal):
            metrics.isConnected(false)
            let fields: LogFields = ["broker": broker, "reason": .string(reason)]
            if isRefusal { logger.error("mqtt_refused", fields) } else { logger.warning("mqtt_disconnected", fields) }
        case .subscriptionRefused(let reason): logger.error("mqtt_answers_not_heard", ["reason": .string(reason)])
        case .acknowledged, .refused, .returned, .message: break
        }
    }

    // MARK: Outcomes

    /// Makes outcomes durable and commits what they settle, until the link has ended and nothing is left.
    func report() async throws(BusError) {
        while await outcomes.wait() { try await reportAll() }
        try await reportAll()
        durable.end()
    }

    private func reportAll() async throws(BusError) {
        let batch = state.withLock { $0.takeOutcomes() }
        guard !batch.isEmpty else { return }
        guard try await append(batch) else { return }
        for outcome in batch { count(outcome) }
        state.withLock { $0.settle(batch) }
        await commit()
        state.withLock { $0.reported() }
        durable.signal()
        pump()
    }

    private func count(_ outcome: ConnectorState.Outcome) {
        metrics.count(outcome.name)
        if let duration = outcome.acknowledgedAfter { metrics.acknowledged(after: duration) }
        guard outcome.name == ConnectorState.unreadable, let position = outcome.position else { return }
        logger.warning(
            "record_unreadable",
            ["partition": .int(Int64(position.partition)), "offset": .int(position.offset)])
    }

    /// False when it was given up because of a stop: the commands are handed over again then.
    private func append(_ batch: [ConnectorState.Outcome]) async throws(BusError) -> Bool {
        let records = batch.compactMap(Self.record(of:))
        guard !records.isEmpty else { return true }
        var attempt = 0
        while true {
            do throws(BusError) {
                _ = try await bus.log.append(records, to: configuration.statusTopic)
                return true
            } catch {
                // A report that was appended twice changes nothing.
                guard !error.isFatal else { throw error }
                attempt += 1
                logger.warning("reports_not_appended", ["error": "\(error)", "attempt": .int(Int64(attempt))])
            }
            if state.withLock({ $0.isStopping }) { return false }
            let delay = backoff.delay(attempt: attempt) ?? backoff.maximum
            do { try await time.sleep(for: delay) } catch { return false }  // Cancelled.
        }
    }

    private static func record(of outcome: ConnectorState.Outcome) -> LogRecord? {
        guard let report = outcome.report else { return nil }
        var writer = JSONWriter(capacity: 384)
        report.write(to: &writer)
        return LogRecord(
            key: report.requestID, headers: outcome.trace.map { Headers(trace: $0) } ?? [:], value: writer.bytes)
    }

    /// A commit that fails is made up for by the next one.
    private func commit() async {
        guard let consumer = consumer.withLock({ $0 }) else { return }
        let offsets = state.withLock { $0.tracker.due }
        guard !offsets.isEmpty else { return }
        do throws(BusError) {
            try await consumer.commit(offsets)
            state.withLock { $0.committed(offsets) }
        } catch  where error.code == .rebalanced {
            let assigned = await consumer.assignment()
            state.withLock { $0.keep(assigned) }
        } catch {
            logger.warning("offsets_not_committed", ["error": "\(error)"])
        }
    }

    // MARK: Deadlines

    /// Gives up what has waited long enough, until the task is cancelled.
    func watchDeadlines() async {
        while await deadlines.wait() {
            while let wait = state.withLock({ $0.nextTick(now: time.now, uptime: time.uptime) }) {
                // An earlier deadline may be added meanwhile.
                let delay = min(max(wait, Self.ticks.shortest), Self.ticks.longest)
                do { try await time.sleep(for: delay) } catch { return }  // Cancelled.
                state.withLock { $0.tick(now: time.now, uptime: time.uptime) }
                pump()
            }
        }
    }

    // MARK: Stopping

    /// Waits for the broker's acknowledgements of what is under way, and lets the link go.
    func stop() async {
        state.withLock { $0.stop() }
        pump()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [settled] in await settled.wait() }
            group.addTask { [time, configuration] in
                do { try await time.sleep(for: configuration.settling) } catch { return }  // Cancelled.
            }
            await group.next()
            group.cancelAll()
        }
        link.stop()
    }
}
