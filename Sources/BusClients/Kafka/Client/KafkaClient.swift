package import Runtime
internal import Synchronization

/// A connection to a Kafka cluster that carries a `MessageLog`.
///
/// Brokers that go away are waited for and found again; `log.connection` tells how it stands.
public final class KafkaClient: Sendable {
    /// The log on the cluster.
    public let log: any MessageLog

    private let core: KafkaCore
    private let lookup: ClusterLookup
    private let producer: Producer
    private let readers: RangeReaders
    private let heartbeat: Task<Void, Never>
    private let isClosing = Atomic(false)
    private let closed = Latch()

    /// Connects: returns when a broker has answered.
    /// - Throws: `.unavailable` when none does within the configuration's time, `.accessRefused` when they refuse this
    ///   program's credentials or certificate, `.unsupported` for a configuration that cannot work.
    public static func connect(_ configuration: KafkaConfiguration) async throws(BusError) -> KafkaClient {
        try await connect(configuration, time: SystemTime(), logger: .silent, metrics: nil)
    }

    /// As `connect(_:)`, with a clock, a log and a place for figures.
    /// - Parameter time: One that goes as the machine's does: librdkafka knows no other.
    package static func connect(
        _ configuration: KafkaConfiguration, time: any TimeSource, logger: Logger, metrics: MetricsRegistry?
    ) async throws(BusError) -> KafkaClient {
        try configuration.validate()
        let core = KafkaCore(configuration, time: time, logger: logger, metrics: metrics)
        let lookup = try ClusterLookup(core)
        do {
            try await awaitBroker(core, lookup)
            let directory = TopicDirectory(core, lookup: lookup)
            let producer = try Producer(core, directory: directory, lookup: lookup)
            return KafkaClient(core, lookup: lookup, directory: directory, producer: producer)
        } catch {
            core.watch.close()
            await lookup.close()
            throw error
        }
    }

    /// Waits for the first answer; a refusal ends the wait at once.
    private static func awaitBroker(_ core: KafkaCore, _ lookup: ClusterLookup) async throws(BusError) {
        let deadline = core.time.uptime + core.configuration.connectTimeout
        while true {
            do {
                // Short, because a refusal comes as an event meanwhile.
                try await lookup.probe(within: min(.milliseconds(500), deadline - core.time.uptime))
                return
            } catch {
                if let refusal = core.watch.refusal { throw refusal }
                guard core.time.uptime < deadline, !Task.isCancelled else {
                    core.watch.isAway(error)
                    throw BusError(
                        .unavailable, "no Kafka broker answered: \(core.watch.health.reason ?? error.message)",
                        underlyingCode: error.underlyingCode)
                }
            }
        }
    }

    private init(_ core: KafkaCore, lookup: ClusterLookup, directory: TopicDirectory, producer: Producer) {
        self.core = core
        self.lookup = lookup
        self.producer = producer
        readers = RangeReaders(core)
        log = KafkaMessageLog(
            core, directory: directory, lookup: lookup, producer: producer, readers: readers)
        heartbeat = Task { await Heartbeat(core: core, lookup: lookup, directory: directory).run() }
    }

    deinit {
        // Dropped without a close: what has threads ends by itself.
        guard !isClosing.load(ordering: .acquiring) else { return }
        heartbeat.cancel()
        Task { [core, lookup, producer, readers] in await Self.close(core, lookup, producer, readers) }
    }

    /// Ends every consumer and follower, lets appends in flight end for a few seconds, and releases the connections.
    /// Idempotent; a second call waits for the first.
    public func close() async {
        guard !isClosing.exchange(true, ordering: .acquiringAndReleasing) else { return await closed.wait() }
        heartbeat.cancel()
        await Self.close(core, lookup, producer, readers)
        closed.open()
    }

    private static func close(
        _ core: KafkaCore, _ lookup: ClusterLookup, _ producer: Producer, _ readers: RangeReaders
    ) async {
        core.watch.close()
        async let produced: Void = producer.close()
        await core.closeReaders()
        readers.close()
        await produced
        await lookup.close()
    }
}
