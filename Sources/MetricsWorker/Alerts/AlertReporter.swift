import BusClients
import Contracts
import Runtime
import Synchronization

/// Raises the alerts of this host: looks at each sample, and publishes what has changed on `fleet_events`, once and in
/// its order.
///
/// What was not published yet waits in memory and in the file, up to a bound at which the oldest goes: a later change tells
/// everything again. A change is published with an id of its own, so that one that is sent twice is one.
final class AlertReporter: Sendable {
    private static let exchange = ExchangeName(StreamNames.fleetEvents)
    private static let untoldLimit = 1000

    private struct State {
        var engine: AlertEngine
        var untold: UnsentSamples<AlertChange>
    }

    private let state: Mutex<State>
    private let file: AlertFile?
    private let thread = BlockingThread(name: "alerts")
    private let events: any EventExchange
    private let time: any TimeSource
    private let logger: Logger
    private let changes: Counter
    private let backoff = RetryPolicy(initial: .milliseconds(500), maximum: .seconds(10))
    /// One wake-up is kept for a reporter that is not waiting yet.
    private let news: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// Reads the file: once, at the start.
    init(
        rules: [AlertRule], path: String?, events: any EventExchange, time: any TimeSource, metrics: MetricsRegistry,
        logger: Logger
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
        state = Mutex(State(engine: engine, untold: untold))
        self.events = events
        self.time = time
        self.logger = logger
        changes = metrics.counter(
            "flotilla_alert_changes_total", help: "Alerts raised, updated and resolved by this host.",
            labels: ["rule", "change"])
        (news, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        if !contents.untold.isEmpty { wake.yield() }
    }

    func observe(_ sample: HostSample) {
        let (new, dropped) = state.withLock { state in
            let new = state.engine.observe(sample, at: time.uptime)
            return (new, new.reduce(0) { $0 + state.untold.add($1) })
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
                let untold = state.withLock { $0.untold.take() }
                if untold.isEmpty { break }
                // Before anybody hears of it: a restart must know the same episodes.
                await save()
                if await publish(untold) {
                    state.withLock { _ = $0.untold.finish() }
                    await save()
                    failures = 0
                } else {
                    state.withLock { $0.untold.keep() }
                    failures += 1
                    // Cancelled: the loop ends by itself.
                    try? await time.sleep(for: backoff.delay(attempt: failures) ?? backoff.maximum)
                }
            }
        }
    }

    private func save() async {
        guard let file else { return }
        let contents = state.withLock { AlertFile.Contents(firing: $0.engine.firing, untold: $0.untold.all) }
        do {
            try await thread.run { try file.write(contents) }
        } catch {
            logger.warning("alerts_not_saved", ["error": "\(error)"])
        }
    }

    private func publish(_ untold: [AlertChange]) async -> Bool {
        let new = untold.map { change in
            Event(
                routingKey: RoutingKey(StreamNames.alert(change.change.rawValue, host: change.host)),
                message: Message(id: MessageID("\(change.alertID).\(change.revision)"), body: change.json))
        }
        do throws(BusError) {
            do throws(BusError) {
                try await events.publish(new, to: Self.exchange)
            } catch {
                guard error.code == .unknownExchange else { throw error }
                try await events.declare(
                    Self.exchange,
                    EventExchangeOptions(maximumAge: AlertStream.age, maximumBytes: AlertStream.bytes))
                try await events.publish(new, to: Self.exchange)
            }
            return true
        } catch {
            logger.warning("alerts_not_published", ["error": "\(error)", "waiting": .int(Int64(untold.count))])
            return false
        }
    }
}
