package import Runtime

/// A connection to RabbitMQ that carries work queues and events.
///
/// It keeps two TCP connections, one that publishes and one that consumes, each with a thread of its own. After the
/// first connection outages are its own business: it connects again for ever, declares again what it had declared,
/// sends again what was not confirmed, and its consumers go on by themselves. `connection` of both ports tells how it
/// stands.
public final class RabbitMQClient: Sendable {
    /// Work queues: quorum queues with dead letters and delayed retries.
    public let queues: any WorkQueue
    /// Events: topic exchanges whose history is a stream.
    public let events: any EventExchange
    private let transport: RabbitMQTransport

    private init(_ transport: RabbitMQTransport) {
        self.transport = transport
        queues = RabbitMQWorkQueue(transport)
        events = RabbitMQEventExchange(transport)
    }

    /// Connects, with the system's clock and without a log.
    /// - Throws: `BusError`: `.accessRefused` when the broker refuses the user, the virtual host or the certificate, or
    ///   this side refuses the broker's certificate; `.unavailable` when no node answers.
    public static func connect(_ configuration: RabbitMQConfiguration) async throws(BusError) -> RabbitMQClient {
        try await connect(configuration, time: SystemTime(), logger: .silent, metrics: nil)
    }

    package static func connect(
        _ configuration: RabbitMQConfiguration, time: any TimeSource, logger: Logger, metrics: MetricsRegistry?
    ) async throws(BusError) -> RabbitMQClient {
        let transport = try RabbitMQTransport(configuration, time: time, logger: logger, metrics: metrics)
        try await transport.start()
        return RabbitMQClient(transport)
    }

    /// Ends every consumer and subscription, with what they have settled, and closes the connections. Idempotent.
    public func close() async { await transport.close() }
}
