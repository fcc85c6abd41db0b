/// The three ports of one bus.
///
/// Workers take a `Bus` and never ask which transport they are on.
public struct Bus: Sendable {
    /// Jobs that go to one worker each.
    public let queues: any WorkQueue
    /// Events that go to every subscriber, with a history.
    public let events: any EventExchange
    /// Ordered, keyed, partitioned records.
    public let log: any MessageLog
    /// Watches what goes through the ports; nil for ports that nobody watches.
    package let monitor: BusMonitor?
    private let closeTransports: @Sendable () async -> Void

    /// A bus of three ports, each on whichever transport.
    /// - Parameters:
    ///   - queues: Jobs that go to one worker each.
    ///   - events: Events that go to every subscriber, with a history.
    ///   - log: Ordered, keyed, partitioned records.
    ///   - close: Closes the transports; called by every `close()`, so a repeat must be harmless.
    public init(
        queues: any WorkQueue, events: any EventExchange, log: any MessageLog,
        close: @escaping @Sendable () async -> Void
    ) {
        self.init(queues: queues, events: events, log: log, monitor: nil, close: close)
    }

    init(
        queues: any WorkQueue, events: any EventExchange, log: any MessageLog, monitor: BusMonitor?,
        close: @escaping @Sendable () async -> Void
    ) {
        self.monitor = monitor
        self.queues = queues
        self.events = events
        self.log = log
        closeTransports = close
    }

    /// Ends every consumer and subscription and releases the transports. Idempotent.
    public func close() async { await closeTransports() }
}
