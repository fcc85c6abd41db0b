public import Runtime

/// How a port of the bus reaches its broker.
public struct ConnectionHealth: Sendable, Hashable {
    /// What carries the port.
    public enum Transport: String, Sendable {
        /// A SQLite file on this machine.
        case embedded
        /// A RabbitMQ broker or cluster.
        case rabbitmq
        /// A Kafka cluster.
        case kafka
    }

    /// Whether the broker can be used now.
    public enum State: String, Sendable {
        /// Connected, and the broker takes messages.
        case connected
        /// Not connected; the transport keeps trying.
        case connecting
        /// Connected, but the broker takes no messages now, such as under a memory alarm.
        case blocked
        /// Closed by this program, for good.
        case closed
    }

    /// What carries the port.
    public var transport: Transport
    /// Whether the broker can be used now.
    public var state: State
    /// Why the port is not connected, without credentials; nil when it is.
    public var reason: String?
    /// When the state began.
    public var since: Timestamp

    /// Each parameter is the property of its name.
    public init(transport: Transport, state: State, reason: String? = nil, since: Timestamp) {
        self.transport = transport
        self.state = state
        self.reason = reason
        self.since = since
    }
}
