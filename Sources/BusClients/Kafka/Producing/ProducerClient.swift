internal import CRdKafka
internal import Runtime
internal import Synchronization

/// One librdkafka producer with the appends it has in flight, and the thread that takes its delivery reports.
///
/// Its end is `ProducerLifetime`'s. It lives until that, whoever drops it.
final class ProducerClient: Sendable {
    /// Why it was given up.
    enum End: String {
        case deadline, fatal, closed
    }

    struct State {
        /// Not retained: each is its waiting task's.
        var calls = SlotTable<Unmanaged<AppendCall>>()
        var topics: [Topic: TopicPointer] = [:]
        var isRetired = false
        var isClosing = false
    }

    /// A topic of the client. `@unchecked Sendable`: librdkafka's topics are thread-safe.
    struct TopicPointer: @unchecked Sendable {
        let raw: OpaquePointer
    }

    let ended = Latch()
    private let thread = BlockingThread(name: "kafka-producer")
    let core: KafkaCore
    let handle: KafkaHandle
    /// The client's events; gone when it has ended.
    let queue: Mutex<KafkaQueue?>
    let state = Mutex(State())
    let limit: FlightLimit

    init(_ core: KafkaCore, limit: FlightLimit) throws(BusError) {
        self.core = core
        self.limit = limit
        handle = try KafkaHandle(.producer, core.configuration.producer, log: core.libraryLog)
        do {
            queue = Mutex(try KafkaQueue.main(of: handle))
        } catch {
            handle.destroy()
            throw error
        }
    }

    /// Starts taking delivery reports.
    /// - Parameters:
    ///   - replace: Puts another client in this one's place; called on this one's thread when it takes no more appends,
    ///     again until it returns true.
    ///   - over: Called on this one's thread when the client is gone.
    func run(
        replacing replace: @escaping @Sendable (ProducerClient) -> Bool,
        ended over: @escaping @Sendable (ProducerClient) -> Void
    ) {
        thread.submit {
            self.serve(replace)
            over(self)
            self.ended.open()
        }
    }

    /// Ends the client within a few seconds.
    func close() {
        state.withLock { $0.isClosing = true }
        wake()
    }

    private func wake() { queue.withLock { $0?.wake() } }

    // MARK: Appending

    /// Lets appends to the topic through.
    func open(_ topic: Topic) throws(BusError) {
        let isOpen = state.withLock { state in
            if state.topics[topic] == nil, !state.isRetired {
                state.topics[topic] = rd_kafka_topic_new(handle.raw, topic.rawValue, nil).map { TopicPointer(raw: $0) }
            }
            return state.isRetired || state.topics[topic] != nil
        }
        guard isOpen else { throw BusError(kafka: rd_kafka_last_error(), "opening the topic") }
    }

    /// Hands the records of a call over; the call ends with their delivery reports, or at once when this client takes
    /// none of them.
    func append(_ records: [LogRecord], to topic: Topic, _ call: AppendCall) {
        var refusal = AppendCall.Handover.refused
        let target: TopicPointer? = state.withLock { state in
            guard !state.isRetired else { return nil }
            guard let target = state.topics[topic] else {
                refusal = .unknownTopic
                return nil
            }
            call.place = state.calls.add(Unmanaged.passUnretained(call))
            return target
        }
        guard let target else { return call.finish(refusal) }
        var sent = 0
        var error = RD_KAFKA_RESP_ERR_NO_ERROR
        while sent < records.count, error == RD_KAFKA_RESP_ERR_NO_ERROR {
            error = produce(records[sent], to: target, opaque: call.opaque(of: sent))
            if error == RD_KAFKA_RESP_ERR_NO_ERROR { sent += 1 }
        }
        if error != RD_KAFKA_RESP_ERR_NO_ERROR { call.fail(error) }
        call.handedOver()
        // What was not sent gets no report; the one more is this handing over.
        if call.settle(records.count - sent + 1) {
            finish(CollectionOfOne(Unmanaged.passUnretained(call)), sent > 0 || !isBroken ? .sent : .refused)
        }
    }

    /// Whether librdkafka can do nothing more with this client.
    var isBroken: Bool { rd_kafka_fatal_error(handle.raw, nil, 0) != RD_KAFKA_RESP_ERR_NO_ERROR }

    private func produce(
        _ record: LogRecord, to target: TopicPointer, opaque: UnsafeMutableRawPointer
    ) -> rd_kafka_resp_err_t {
        var key = record.key
        return key.withUTF8 { key in
            record.value.withUnsafeBytes { value in
                record.headers.encoded.withUnsafeBufferPointer { headers in
                    flotilla_kafka_produce(
                        handle.raw, target.raw, key.baseAddress, key.count, value.baseAddress, value.count,
                        headers.baseAddress, headers.count, opaque)
                }
            }
        }
    }

    /// Ends calls whose every record has its report. One that was not sent keeps its room for another attempt.
    func finish(_ calls: some Collection<Unmanaged<AppendCall>>, _ handover: AppendCall.Handover = .sent) {
        guard !calls.isEmpty else { return }
        var cost = FlightCost(records: 0, bytes: 0)
        let hasRetired = state.withLock { state in
            for call in calls {
                call._withUnsafeGuaranteedRef { call in
                    state.calls.remove(at: call.place)
                    cost = cost + call.cost
                }
            }
            return state.isRetired
        }
        if handover == .sent { limit.give(back: cost) }
        for call in calls { call._withUnsafeGuaranteedRef { $0.finish(handover) } }
        // It may have been the last that the client waited for.
        if hasRetired { wake() }
    }
}
