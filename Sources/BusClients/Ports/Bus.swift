/// The three ports of one bus.
///
/// Workers take a `Bus` and never ask which transport they are on.
public struct Bus: Sendable {
    public let queues: any WorkQueue
    public let events: any EventExchange
    public let log: any MessageLog
    /// Watches what goes through the ports; nil for ports that nobody watches.
    package let monitor: BusMonitor?
    private let closeTransports: @Sendable () async -> Void

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
