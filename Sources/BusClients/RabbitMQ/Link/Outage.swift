internal import Runtime

/// How long a link has been without a connection, and what was said about it.
struct Outage {
    /// By the link's `uptime`.
    let since: Duration
    /// Attempts that failed, of this outage and of those shortly before.
    private(set) var attempts: Int
    /// When it is spoken of again: after 10 s, then at twice the time each, at least every 10 minutes.
    private var nextWarning: Duration
    private var interval: Duration = .seconds(10)

    init(since: Duration, attempts: Int = 0) {
        self.since = since
        self.attempts = attempts
        nextWarning = since + .seconds(10)
    }

    /// An attempt failed.
    mutating func failed(_ link: Link, _ error: BusError) {
        attempts += 1
        link.gate.move(to: .connecting(error))
        // A refusal does not mend itself: it is said at once.
        let isNewRefusal = error.code == .accessRefused && attempts == 1
        guard isNewRefusal || link.time.uptime >= nextWarning else { return }
        link.logger.warning(
            "rabbitmq_unreachable",
            [
                "attempts": LogValue(attempts), "for_ms": LogValue(milliseconds: link.time.uptime - since),
                "error": "\(error)",
            ])
        interval = min(interval * 2, .seconds(600))
        nextWarning = link.time.uptime + interval
    }

    /// A connection was made.
    mutating func end(_ link: Link, _ connection: AMQPConnection) {
        link.metrics.connected(link.purpose)
        link.logger.notice(
            "rabbitmq_connected",
            [
                "node": "\(connection.node.address)", "attempts": LogValue(attempts + 1),
                "after_ms": LogValue(milliseconds: link.time.uptime - since),
            ])
        attempts += 1
    }
}
