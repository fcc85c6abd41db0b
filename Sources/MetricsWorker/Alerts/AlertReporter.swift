import BusClients
import Contracts
import Runtime
import Synchronization

/// Raises the alerts of this host: looks at each sample, publishes what has changed on `fleet_events`, once and in its
/// order, and puts a job for each webhook into `alert.webhooks`.
///
/// What was not published yet waits in memory and in the file, up to a bound at which the oldest goes: a later change tells
/// everything again. A change and a job have an id of their own, so that one that is sent twice is one.
final class AlertReporter: Sendable {
    private static let exchange = ExchangeName(StreamNames.fleetEvents)
    private static let queue = QueueName(StreamNames.alertWebhooks)
    private static let untoldLimit = 1000

    private struct State {
        var engine: AlertEngine
        var untold: UnsentSamples<AlertChange>
        /// Nil until the fleet's settings are known.
        var webhooks: [String]?
        /// What webhooks shall be told once they are known.
        var unaddressed: UnsentSamples<AlertChange>
        var jobs: UnsentSamples<WebhookDelivery>

        /// Answers how many older ones had to go.
        mutating func address(_ changes: [AlertChange]) -> Int {
            guard let webhooks else { return changes.reduce(0) { $0 + unaddressed.add($1) } }
            return changes.flatMap { WebhookDelivery.deliveries(of: $0, to: webhooks) }
                .reduce(0) { $0 + jobs.add($1) }
        }
    }

    private let state: Mutex<State>
    private let file: AlertFile?
    private let thread = BlockingThread(name: "alerts")
    private let bus: Bus
    private let time: any TimeSource
    private let logger: Logger
    private let changes: Counter
    private let backoff = RetryPolicy(initial: .milliseconds(500), maximum: .seconds(10))
    /// One wake-up is kept for a reporter that is not waiting yet.
    private let news: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// Reads the file: once, at the start.
    init(
        rules: [AlertRule], path: String?, bus: Bus, time: any TimeSource, metrics: MetricsRegistry, logger: Logger
    ) {
        file = path.map(AlertFile.init)
        var contents = AlertFile.Contents()
        do {
            contents = try file?.read() ?? contents
        } catch {
            // What fires is found again by the next samples.
            logger.warning("alerts_forgotten", ["error": "\(error)"])
        }
        let engine = AlertEngine(
            rules: rules, firing: contents.firing, now: time.uptime,
            makeID: SecureRandom.uuid)
        var untold = UnsentSamples<AlertChange>(limit: Self.untoldLimit)
        for change in contents.untold { _ = untold.add(change) }
        var jobs = UnsentSamples<WebhookDelivery>(limit: Self.untoldLimit)
        for job in contents.webhooks { _ = jobs.add(job) }
        var unaddressed = UnsentSamples<AlertChange>(limit: Self.untoldLimit)
        for change in contents.unaddressed { _ = unaddressed.add(change) }
        state = Mutex(State(engine: engine, untold: untold, unaddressed: unaddressed, jobs: jobs))
        self.bus = bus
        self.time = time
        self.logger = logger
        changes = metrics.counter(
            "flotilla_alert_changes_total", help: "Alerts raised, updated and resolved by this host.",
            labels: ["rule", "change"])
        (news, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        if !contents.untold.isEmpty || !contents.webhooks.isEmpty { wake.yield() }
    }

    func observe(_ sample: HostSample) {
        tell { $0.observe(sample, at: time.uptime) }
    }

    /// Goes by other rules, and tells other webhooks, from now on.
    func use(_ plan: MonitoringPlan) {
        state.withLock { state in
            state.webhooks = plan.webhooks
            let waiting = state.unaddressed.take()
            state.unaddressed.finish()
            _ = state.address(waiting)
        }
        wake.yield()
        tell { $0.use(plan.rules, at: time.uptime, time.now) }
    }

    private func tell(_ look: (inout AlertEngine) -> [AlertChange]) {
        let (new, dropped) = state.withLock { state in
            let new = look(&state.engine)
            let dropped = new.reduce(0) { $0 + state.untold.add($1) }
            return (new, dropped + state.address(new))
        }
        guard !new.isEmpty else { return }
        if dropped > 0 { logger.warning("alert_changes_dropped", ["count": .init(dropped)]) }
        for change in new {
            changes.increment(by: 1, [change.rule, change.change.rawValue])
            logger.notice(
                "alert_\(change.change.rawValue)",
                [
                    "alert": .string(change.alertID), "rule": .string(change.rule),
                    "severity": .string(change.severity.rawValue), "message": .string(change.message),
                ])
        }
        wake.yield()
    }

    /// Publishes until the task is cancelled.
    func run() async {
        for await _ in news {
            var failures = 0
            while !Task.isCancelled {
                let (untold, jobs) = state.withLock { ($0.untold.take(), $0.jobs.take()) }
                if untold.isEmpty, jobs.isEmpty { break }
                // Before anybody hears of it: a restart must know the same episodes.
                await save()
                let isPublished = await publish(untold)
                let isEnqueued = await enqueue(jobs)
                state.withLock { state in
                    if isPublished { state.untold.finish() } else { state.untold.keep() }
                    if isEnqueued { state.jobs.finish() } else { state.jobs.keep() }
                }
                if isPublished || isEnqueued { await save() }
                if isPublished, isEnqueued {
                    failures = 0
                } else {
                    failures += 1
                    // Cancelled: the loop ends by itself.
                    try? await time.sleep(for: backoff.delay(attempt: failures) ?? backoff.maximum)
                }
            }
        }
    }

    private func save() async {
        guard let file else { return }
        let contents = state.withLock {
            AlertFile.Contents(
                firing: $0.engine.firing, untold: $0.untold.all, webhooks: $0.jobs.all, unaddressed: $0.unaddressed.all)
        }
        do {
            try await thread.run { try file.write(contents) }
        } catch {
            logger.warning("alerts_not_saved", ["error": "\(error)"])
        }
    }

    /// Whether all of it is durable now.
    private func publish(_ untold: [AlertChange]) async -> Bool {
        guard !untold.isEmpty else { return true }
        do {
            try await bus.events.publish(
                untold.map(\.event), to: Self.exchange,
                declaring: EventExchangeOptions(maximumAge: AlertStream.age, maximumBytes: AlertStream.bytes))
            return true
        } catch {
            logger.warning("alerts_not_published", ["error": "\(error)", "waiting": .int(Int64(untold.count))])
            return false
        }
    }

    /// Whether all of it is durable now.
    private func enqueue(_ jobs: [WebhookDelivery]) async -> Bool {
        guard !jobs.isEmpty else { return true }
        let messages = jobs.map { Job(Message(id: MessageID($0.id), body: $0.json)) }
        do {
            try await bus.queues.enqueue(
                messages, to: Self.queue,
                declaring: WorkQueueOptions(
                    maximumAttempts: WebhookQueue.maximumAttempts, leaseDuration: WebhookQueue.leaseDuration,
                    maximumLength: WebhookQueue.maximumLength))
            return true
        } catch {
            logger.warning("webhooks_not_enqueued", ["error": "\(error)", "waiting": .int(Int64(jobs.count))])
            return false
        }
    }
}
