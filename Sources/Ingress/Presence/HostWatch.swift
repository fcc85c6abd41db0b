internal import BusClients
internal import Contracts
internal import Runtime

/// Tells on `fleet_events` which hosts are up, stale and down, and raises an alert for each that is down.
///
/// Every ingress watches. What one has published the others read and do not say again; where two are as fast, the
/// second says the same under the same id.
final class HostWatch: Sendable {
    static let rule = "host_down"
    private static let interval: Duration = .seconds(1)
    /// A machine that was suspended or stood still for so long could hear nobody.
    private static let longestPause: Duration = .seconds(5)
    /// Changes published at once.
    private static let batch = 500
    /// Of the hosts that a log line is about.
    private static let namesOfALine = 10

    private let hosts: HostProjection
    private let said: HostPresenceProjection
    private let bus: Bus
    private let time: any TimeSource
    private let downAfter: Duration
    private let isCaughtUp: @Sendable () -> Bool
    private let webhooks: @Sendable () -> [String]
    private let logger: Logger

    /// - Parameters:
    ///   - isCaughtUp: Whether the views are where the logs are.
    ///   - webhooks: The URLs that are told of alerts.
    init(
        hosts: HostProjection, said: HostPresenceProjection, bus: Bus, time: any TimeSource, downAfter: Duration,
        isCaughtUp: @escaping @Sendable () -> Bool, webhooks: @escaping @Sendable () -> [String] = { [] },
        logger: Logger
    ) {
        self.hosts = hosts
        self.said = said
        self.bus = bus
        self.time = time
        self.downAfter = downAfter
        self.isCaughtUp = isCaughtUp
        self.webhooks = webhooks
        self.logger = logger
    }

    /// What one look leaves for the next.
    struct Memory: Sendable {
        fileprivate var presence: HostPresence
        /// What was published and is not in the view yet.
        fileprivate var unread: [String: HostChange] = [:]
        fileprivate var lookedAt: Duration
    }

    /// Of a watch that has looked at nothing yet.
    func makeMemory() -> Memory { Memory(presence: HostPresence(downAfter: downAfter), lookedAt: time.uptime) }

    /// Looks at the hosts until the task is cancelled.
    func run() async {
        var memory = makeMemory()
        while true {
            do { try await time.sleep(for: Self.interval) } catch { return }  // Cancelled.
            await look(&memory)
        }
    }

    /// Publishes what has changed.
    func look(_ memory: inout Memory) async {
        let uptime = time.uptime
        let couldHear = isCaughtUp() && bus.log.connection.state == .connected
        if !couldHear || uptime - memory.lookedAt > Self.longestPause { memory.presence.beginAnew() }
        memory.lookedAt = uptime
        guard couldHear else { return }
        var known = said.changes
        memory.unread = memory.unread.filter { host, change in known[host].map { $0.at < change.at } ?? true }
        known.merge(memory.unread) { $1 }
        let changes = memory.presence.changes(of: hosts.lives, said: known, now: time.now, uptime: uptime)
        for start in stride(from: 0, to: changes.count, by: Self.batch) {
            let batch = Array(changes[start..<min(start + Self.batch, changes.count)])
            // What could not be published is found again the next time.
            guard await publish(batch, after: known) else { return }
            for change in batch { memory.unread[change.host] = change }
        }
    }

    private func publish(_ changes: [HostChange], after known: [String: HostChange]) async -> Bool {
        let alerts = changes.compactMap { alert(for: $0, after: known[$0.host]) }
        let urls = webhooks()
        let jobs = alerts.flatMap { WebhookDelivery.deliveries(of: $0, to: urls) }
            .map { Job(Message(id: MessageID($0.id), body: $0.json)) }
        do {
            // First, as a failure is tried again with the same ids: nobody is left out.
            if !jobs.isEmpty {
                try await bus.queues.enqueue(
                    jobs, to: QueueName(StreamNames.alertWebhooks),
                    declaring: WorkQueueOptions(
                        maximumAttempts: WebhookQueue.maximumAttempts, leaseDuration: WebhookQueue.leaseDuration,
                        maximumLength: WebhookQueue.maximumLength))
            }
            try await bus.events.publish(
                changes.map { event(of: $0, after: known[$0.host]) } + alerts.map(Self.event),
                to: AlertProjection.exchange,
                declaring: EventExchangeOptions(maximumAge: AlertStream.age, maximumBytes: AlertStream.bytes))
        } catch {
            logger.warning("host_changes_not_published", ["count": .init(changes.count), "error": "\(error)"])
            return false
        }
        for (state, changes) in Dictionary(grouping: changes, by: \.state) {
            let names = changes.prefix(Self.namesOfALine).map(\.host).joined(separator: " ")
            let fields: LogFields = [
                "state": .string(state.rawValue), "count": .init(changes.count), "hosts": .string(names),
            ]
            if state == .down { logger.warning("hosts_changed", fields) } else { logger.info("hosts_changed", fields) }
        }
        return true
    }

    private func event(of change: HostChange, after previous: HostChange?) -> Event {
        // Of who hears of it with different samples: what was before is the same for all.
        let mark = change.state == .up ? previous?.heardAt ?? change.heardAt : change.heardAt
        return Event(
            routingKey: RoutingKey(StreamNames.host(change.state.rawValue, host: change.host)),
            message: Message(
                id: MessageID("host.\(change.state.rawValue).\(change.host).\(mark.microseconds)"), body: change.json))
    }

    private static func event(of alert: AlertChange) -> Event {
        Event(
            routingKey: RoutingKey(StreamNames.alert(alert.change.rawValue, host: alert.host)),
            message: Message(id: MessageID("\(alert.alertID).\(alert.revision)"), body: alert.json))
    }

    /// The alert of a host that is down, or is no more.
    private func alert(for change: HostChange, after previous: HostChange?) -> AlertChange? {
        let isDown = change.state == .down
        guard isDown || previous?.state == .down else { return nil }
        let episode = isDown ? change : previous ?? change
        let seconds = Int((change.silentSeconds ?? 0).rounded())
        let life = HostLife(heardAt: change.heardAt, interval: change.interval)
        let limit = HostPresence.limit(downAfter, life.ownInterval)
        return AlertChange(
            change: isDown ? .raised : .resolved,
            alertID: NamedUUID.make("\(Self.rule):\(episode.heardAt.microseconds):\(episode.host)"),
            revision: isDown ? 1 : 2, host: change.host, rule: Self.rule, metric: "silent_seconds", subject: nil,
            severity: .high, title: "A host does not report",
            message: isDown
                ? "Nothing has come from \(change.host) for \(seconds) s"
                : "\(change.host) reports again, after \(seconds) s",
            state: isDown ? .firing : .resolved, value: change.silentSeconds, threshold: limit / .seconds(1),
            raisedAt: episode.at, at: change.at)
    }
}
