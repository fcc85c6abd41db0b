internal import CRdKafka
internal import Runtime
internal import Synchronization

/// Appends records to Kafka, through one librdkafka client at a time.
final class Producer: Sendable {
    private struct State {
        var current: ProducerClient?
        /// Those that still have appends in flight, `current` among them.
        var living: [ObjectIdentifier: ProducerClient] = [:]
        var isClosed = false
    }

    private let core: KafkaCore
    private let directory: TopicDirectory
    private let refusals: TopicRefusals
    private let limit: FlightLimit
    private let state = Mutex(State())
    /// Raised when another client takes over, or none does any more.
    private let replaced = Signal()

    init(_ core: KafkaCore, directory: TopicDirectory, lookup: ClusterLookup) throws(BusError) {
        self.core = core
        self.directory = directory
        refusals = TopicRefusals(core, lookup: lookup)
        let configuration = core.configuration
        limit = FlightLimit(
            FlightCost(records: configuration.maximumBufferedRecords, bytes: configuration.maximumBufferedBytes))
        try install()
    }

    func append(_ records: [LogRecord], to topic: Topic) async throws(BusError) -> [LogPosition] {
        guard !records.isEmpty else { return [] }
        do throws(BusError) {
            try refusals.check(topic)
            let cost = try FlightCost(of: records, atMost: limit.limit)
            let start = core.time.uptime
            let timeout = core.configuration.deliveryTimeout
            // At most half of the time for the room, so that no append is in flight for less than the other half.
            if try !limit.takeNow(cost) { try await limit.take(cost, until: start + timeout / 2) }
            while let client = state.withLock({ $0.current }) {
                let generation = replaced.generation
                let call = AppendCall(count: records.count, cost: cost, deadline: start + timeout)
                let handover = await withUnsafeContinuation { continuation in
                    call.start(continuation)
                    client.append(records, to: topic, call)
                }
                switch handover {
                case .sent: return try call.positions()
                case .unknownTopic: try await open(topic, on: client, cost)
                case .refused: try await awaitSuccessor(of: client, past: generation, until: start + timeout / 2, cost)
                }
            }
            limit.give(back: cost)
            throw KafkaCore.closed
        } catch {
            let error = explain(await refusals.judge(error, of: records, to: topic))
            core.metrics.countFailure(error)
            if error.code == .unknownTopic { directory.forget(topic) }
            throw error
        }
    }

    /// The client's first append to the topic: librdkafka would wait for one that does not exist.
    private func open(_ topic: Topic, on client: ProducerClient, _ cost: FlightCost) async throws(BusError) {
        do throws(BusError) {
            _ = try await directory.partitions(of: topic)
            try client.open(topic)
        } catch {
            limit.give(back: cost)
            throw error
        }
    }

    /// The client was given up just then; another comes.
    private func awaitSuccessor(
        of client: ProducerClient, past generation: UInt64, until deadline: Duration, _ cost: FlightCost
    ) async throws(BusError) {
        if state.withLock({ $0.current === client }) {
            await replaced.wait(past: generation, until: deadline, time: core.time)
        }
        guard core.time.uptime >= deadline || Task.isCancelled else { return }
        limit.give(back: cost)
        throw BusError(.unavailable, "the Kafka producer is being replaced; nothing was sent")
    }

    /// Says what a purge means, which librdkafka does not know.
    private func explain(_ error: BusError) -> BusError {
        let purged = [RD_KAFKA_RESP_ERR__PURGE_QUEUE, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT].map { Int($0.rawValue) }
        guard let code = error.underlyingCode, purged.contains(code) else { return error }
        if state.withLock({ $0.isClosed }) { return KafkaCore.closed }
        return BusError(.unavailable, "no Kafka broker confirmed the records in time", underlyingCode: code)
    }

    // MARK: Clients

    private func install() throws(BusError) {
        let client = try ProducerClient(core, limit: limit)
        let isAccepted = state.withLock { state in
            guard !state.isClosed else { return false }
            state.current = client
            state.living[ObjectIdentifier(client)] = client
            return true
        }
        client.run { [weak self] in
            self?.replace($0) ?? true
        } ended: { [weak self] client in
            self?.state.withLock { $0.living[ObjectIdentifier(client)] = nil }
        }
        if !isAccepted { client.close() }
        replaced.raise()
    }

    private func replace(_ old: ProducerClient) -> Bool {
        guard state.withLock({ $0.current === old && !$0.isClosed }) else { return true }
        do {
            try install()
            return true
        } catch {
            core.logger.error("kafka_producer_not_replaced", ["error": "\(error)"])
            return false
        }
    }

    /// Lets appends in flight end for a few seconds, and fails the others.
    func close() async {
        let clients = state.withLock { state in
            state.isClosed = true
            state.current = nil
            return Array(state.living.values)
        }
        limit.close()
        replaced.raise()
        for client in clients { client.close() }
        for client in clients { await client.ended.wait() }
    }
}
