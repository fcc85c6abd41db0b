/// How a bus does: whether it is connected, and whether what is to be done moves.
///
/// Counts what this process does. Lag is as of the last sample, at most `BusMonitor.sampleInterval` ago.
public struct BusHealth: Sendable, Hashable {
    /// One for each port.
    public var ports: [PortHealth]

    /// - Parameter ports: One for each port.
    public init(ports: [PortHealth]) { self.ports = ports }

    /// Whether every port is connected, and nothing that has work has stood still for `stuckAfter`.
    public var isReady: Bool { problems.isEmpty }

    /// What stands in the way, a sentence each; no credentials, no payload.
    public var problems: [String] { ports.flatMap(\.problems) }

    /// Work that has not moved for so long is stuck.
    public static let stuckAfter: Duration = .seconds(30)
}

/// How one port does.
public struct PortHealth: Sendable, Hashable {
    /// Which port.
    public enum Port: String, Sendable, CaseIterable {
        /// `WorkQueue`.
        case workQueue = "work_queue"
        /// `EventExchange`.
        case eventExchange = "event_exchange"
        /// `MessageLog`.
        case messageLog = "message_log"
    }

    /// Which port.
    public var port: Port
    /// How its transport reaches the broker.
    public var connection: ConnectionHealth
    /// The consumers, subscriptions and followers of this process, sorted by what they read.
    public var consumers: [ConsumerHealth]
    /// The writes of this process, one for each queue, exchange or topic, sorted by name.
    public var producers: [ProducerHealth]

    /// Each parameter is the property of its name.
    public init(
        port: Port, connection: ConnectionHealth, consumers: [ConsumerHealth], producers: [ProducerHealth]
    ) {
        self.port = port
        self.connection = connection
        self.consumers = consumers
        self.producers = producers
    }

    var problems: [String] {
        var problems: [String] = []
        if connection.state != .connected {
            let reason = connection.reason.map { ": \($0)" } ?? ""
            problems.append(
                "\(port.rawValue) (\(connection.transport.rawValue)) is \(connection.state.rawValue)\(reason)")
        }
        problems += consumers.filter(\.isStuck).map { consumer in
            let work = consumer.unsettled > 0 ? "\(consumer.unsettled) unsettled" : "\(consumer.lag ?? 0) waiting"
            return "the consumer of \(consumer.source) stands still with \(work)"
        }
        problems += producers.filter(\.isStuck).map { "\($0.waiting) calls wait to write to \($0.target)" }
        return problems
    }
}

/// How one consumer of this process does.
public struct ConsumerHealth: Sendable, Hashable {
    /// The queue, exchange or topic.
    public var source: String
    /// The consumer group, where there is one.
    public var group: String?
    /// Messages in the worker's hands, not settled, committed or left behind yet.
    public var unsettled: Int
    /// How long the oldest of them has been there.
    public var oldestUnsettled: Duration?
    /// Messages that wait in the broker for this consumer, or for one of its queue; nil where it is not known.
    public var lag: Int64?
    /// Since a message was last taken, settled or reported in progress, or since the consumer began.
    public var sinceProgress: Duration
    /// Whether there has been work for `BusHealth.stuckAfter` and nothing moved.
    public var isStuck: Bool

    /// Each parameter is the property of its name.
    public init(
        source: String, group: String?, unsettled: Int, oldestUnsettled: Duration?, lag: Int64?,
        sinceProgress: Duration, isStuck: Bool
    ) {
        self.source = source
        self.group = group
        self.unsettled = unsettled
        self.oldestUnsettled = oldestUnsettled
        self.lag = lag
        self.sinceProgress = sinceProgress
        self.isStuck = isStuck
    }
}

/// How the writes of this process to one queue, exchange or topic do.
public struct ProducerHealth: Sendable, Hashable {
    /// The queue, exchange or topic.
    public var target: String
    /// Calls that wait for the broker's confirmation.
    public var waiting: Int
    /// How long the oldest of them has waited.
    public var oldestWaiting: Duration?
    /// Since a write was last confirmed; nil when none was yet.
    public var sinceSuccess: Duration?
    /// Whether a call has waited for `BusHealth.stuckAfter`.
    public var isStuck: Bool

    /// Each parameter is the property of its name.
    public init(
        target: String, waiting: Int, oldestWaiting: Duration?, sinceSuccess: Duration?, isStuck: Bool
    ) {
        self.target = target
        self.waiting = waiting
        self.oldestWaiting = oldestWaiting
        self.sinceSuccess = sinceSuccess
        self.isStuck = isStuck
    }
}
