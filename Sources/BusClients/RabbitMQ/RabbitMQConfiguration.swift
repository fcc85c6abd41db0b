package import Runtime

/// How a `RabbitMQClient` reaches its broker and what it may hold in memory.
///
/// Its description shows hosts, virtual hosts and user names, never a password.
public struct RabbitMQConfiguration: Sendable, CustomStringConvertible {
    /// The nodes of one cluster, tried in turn.
    let nodes: [AMQPNode]
    /// How long the connection may be silent before each side sends a heartbeat; whole seconds, at least 1 s. A broker
    /// that does not answer is noticed within two of them.
    public var heartbeat: Duration = .seconds(10)
    /// How long connecting to one node and logging in may take.
    public var connectTimeout: Duration = .seconds(5)
    /// How long a publish waits for its confirm before it fails with `BusError.Code.unavailable`.
    public var publishTimeout: Duration = .seconds(10)
    /// Messages sent and not confirmed; publishers beyond it wait.
    public var maximumUnconfirmed = 4096
    /// Bytes of bodies and headers sent and not confirmed; publishers beyond it wait. One message is always sent.
    public var maximumUnconfirmedBytes = 16 << 20
    /// What the broker's tools call the connections of this client.
    public var clientName = "flotilla"
    /// How long a declaration that made something new waits before it returns. RabbitMQ saves where a new quorum queue
    /// or stream is only when nothing was declared for 0.5 to 1 s (`auto_save` of 500 ms in ra's `ra_directory`;
    /// measured on 3.10.8: 0.9 s is too short, 1 s is not). Killed before, it has lost the queue with all that it had
    /// confirmed, and a stream for good.
    package var settlingTime: Duration = .seconds(2)
    /// The delays between attempts to connect again.
    package var reconnect = RetryPolicy(initial: .milliseconds(100), maximum: .seconds(5))

    /// Takes the address of a broker, or of several nodes of one cluster separated by commas.
    ///
    /// `amqp[s]://[user[:password]@]host[:port][/vhost][?option=value&…]`, as
    /// <https://www.rabbitmq.com/docs/uri-spec> says; parts are percent-decoded. User and password default to `guest`,
    /// the port to 5672 (5671 with TLS). A missing or empty virtual host is `/`. Options: `heartbeat` (seconds, of the
    /// first node), `cacertfile` (a PEM file of certificate authorities, the system's by default), and `verify`
    /// (`verify_peer`, the default, or `verify_none`).
    /// - Throws: `BusError.Code.unsupported`, naming the part that is wrong; credentials are not repeated.
    public init(url: String) throws(BusError) {
        var nodes: [AMQPNode] = []
        let parts = url.split(separator: ",", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            let parsed = try AMQPURL.parse(String(part), label: parts.count == 1 ? "the URL" : "URL \(index + 1)")
            nodes.append(parsed.node)
            if index == 0, let seconds = parsed.heartbeatSeconds { heartbeat = .seconds(seconds) }
        }
        self.nodes = nodes
    }

    public var description: String { nodes.map(\.description).joined(separator: ",") }
}
