internal import Runtime
internal import Synchronization

/// What has a link's thread send messages.
protocol LinkUser: AnyObject, Sendable {
    /// After each turn of the link, on its thread: sends what waits.
    /// - Returns: Whether there is more than one turn's worth.
    func turn(_ io: LinkIO) -> Bool

    /// The broker takes no messages now, and why; or takes them again (nil). On the link's thread.
    func blocked(_ reason: String?)
}

/// A connection to the broker that comes back: one thread that connects, reads, writes and connects again.
///
/// Whatever it is asked runs on that thread (`LinkIO`). Each connection is restored before it is `ready`.
final class Link: Sendable {
    let purpose: String
    let configuration: RabbitMQConfiguration
    let time: any TimeSource
    let logger: Logger
    let metrics: RabbitMQMetrics
    let inbox: LinkInbox
    let gate: LinkGate
    /// How long the broker may take to answer a request: a quorum queue is declared in some 100 ms, but a cluster that
    /// elects leaders takes seconds.
    let callTimeout: Duration = .seconds(15)
    private let thread: BlockingThread
    private let parts = Mutex(Parts())

    private struct Parts {
        var user: (any LinkUser)?
        var supervisor: Task<Void, Never>?
    }

    init(
        purpose: String, _ configuration: RabbitMQConfiguration, time: any TimeSource, logger: Logger,
        metrics: RabbitMQMetrics
    ) throws(BusError) {
        self.purpose = purpose
        self.configuration = configuration
        self.time = time
        self.logger = logger.with(["connection": "\(purpose)"])
        self.metrics = metrics
        inbox = try LinkInbox()
        gate = LinkGate(time: time)
        thread = BlockingThread(name: "amqp-\(purpose)")
    }

    var user: (any LinkUser)? { parts.withLock { $0.user } }

    /// Makes the first connection; from then on the link lives until `stop`.
    /// - Parameter restore: Brings a new connection to where the last one was.
    /// - Throws: Why the first connection could not be made; then the link has ended.
    func start(
        user: (any LinkUser)?, restore: @escaping @Sendable (Link) async throws(BusError) -> Void
    ) async throws(BusError) {
        parts.withLock { $0.user = user }
        let first: Result<Void, BusError> = await withCheckedContinuation { continuation in
            thread.submit { self.run { continuation.resume(returning: $0) } }
        }
        try first.get()
        let supervisor = Task { await self.supervise(restore) }
        parts.withLock { $0.supervisor = supervisor }
    }

    /// Closes the connection and ends the thread. Idempotent.
    func stop() async {
        let supervisor = parts.withLock { parts in
            parts.user = nil
            return parts.supervisor.take()
        }
        supervisor?.cancel()
        inbox.stop()
        await supervisor?.value
        await gate.untilClosed()
    }

    private func supervise(_ restore: @Sendable (Link) async throws(BusError) -> Void) async {
        var restored = 0
        var attempt = 0
        while let epoch = await gate.nextConnection(after: restored) {
            do {
                try await restore(self)
                gate.move(to: .ready(epoch: epoch)) { $0 == .restoring(epoch: epoch) }
                restored = epoch
                attempt = 0
            } catch {
                attempt += 1
                guard gate.epoch == epoch else { continue }
                logger.warning("rabbitmq_restore_failed", ["error": "\(error)"])
                // Cancelled: the loop ends by itself.
                try? await time.sleep(for: configuration.reconnect.delay(attempt: attempt) ?? .seconds(5))
            }
        }
    }
}
