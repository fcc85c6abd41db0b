public import Runtime

/// How a port of the bus reaches its broker.
public struct ConnectionHealth: Sendable, Hashable {
    /// What carries the port.
    public enum Transport: String, Sendable { case embedded, rabbitmq, kafka }

    public enum State: String, Sendable {
        case connected
        /// Not connected; the transport keeps trying.
        case connecting
        /// Connected, but the broker takes no messages now, such as under a memory alarm.
        case blocked
        case closed
    }

    public var transport: Transport
    public var state: State
    /// Why the port is not connected, without credentials; nil when it is.
    public var reason: String?
    /// When the state began.
    public var since: Timestamp

    public init(transport: Transport, state: State, reason: String? = nil, since: Timestamp) {
        self.transport = transport
        self.state = state
        self.reason = reason
        self.since = since
    }
}
