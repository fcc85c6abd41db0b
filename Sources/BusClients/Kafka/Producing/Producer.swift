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
        do {
            return try await send(records, to: topic)
        } catch {
            core.metrics.countFailure(error)
            if error.code == .unknownTopic { directory.forget(topic) }
            throw await refusals.judge(error, of: records, to: topic)
        }
    }

    private func send(_ records: [LogRecord], to topic: Topic) async throws(BusError) -> [LogPosition] {
        for record in records where record.value.count > Message.maximumBodyBytes {
            throw BusError(.messageTooLarge, "a record has at most \(Message.maximumBodyBytes) bytes")
        }
        let start = core.time.uptime
        let timeout = core.configuration.deliveryTimeout
        if !directory.isKnown(topic) { _ = try await directory.partitions(of: topic) }
        try refusals.check(topic)
        let cost = FlightCost(of: records, atMost: limit.limit)
        // At most half of the time for the room, so that no append is in flight for less than the other half.
        try await limit.take(cost, until: start + timeout / 2)
        let call = AppendCall(count: records.count, cost: cost, deadline: start + timeout)
        guard core.time.uptime < start + timeout / 2 else {
            limit.give(back: cost)
            throw BusError(.unavailable, "the Kafka producer's buffer stayed full; nothing was sent")
        }
        await withCheckedContinuation { continuation in
            call.start(continuation)
            if append(records, to: topic, call) { return }
            limit.give(back: cost)
            call.fail(state.withLock { $0.isClosed } ? KafkaCore.closed : Self.replacing)
            call.finish()
        }
        return try call.positions()
    }

    private static let replacing = BusError(
        .unavailable, "the Kafka producer is being replaced; nothing was sent")

    /// Hands the call to the current client, or to its successor if it was retired just then.
    private func append(_ records: [LogRecord], to topic: Topic, _ call: AppendCall) -> Bool {
        var tried: ProducerClient?
        while let client = state.withLock({ $0.current }), client !== tried {
            if client.append(records, to: topic, call) { return true }
            tried = client
        }
        return false
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
            return Array(state.living.values)
        }
        limit.close()
        for client in clients { client.close() }
        for client in clients { await client.ended.wait() }
    }
}
