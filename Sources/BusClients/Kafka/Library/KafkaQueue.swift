internal import CRdKafka

/// Owns a reference to one of librdkafka's queues.
///
/// `@unchecked Sendable`: librdkafka's queues are thread-safe, and the pointer does not change.
final class KafkaQueue: @unchecked Sendable {
    let raw: OpaquePointer

    /// Takes over the reference.
    init(_ raw: OpaquePointer) { self.raw = raw }

    /// The queue of the client's own events.
    static func main(of handle: KafkaHandle) throws(BusError) -> KafkaQueue {
        try KafkaQueue(checking: rd_kafka_queue_get_main(handle.raw))
    }

    /// The queue of a group member's events.
    static func consumer(of handle: KafkaHandle) throws(BusError) -> KafkaQueue {
        try KafkaQueue(checking: rd_kafka_queue_get_consumer(handle.raw))
    }

    /// An empty queue.
    static func new(of handle: KafkaHandle) throws(BusError) -> KafkaQueue {
        try KafkaQueue(checking: rd_kafka_queue_new(handle.raw))
    }

    private convenience init(checking raw: OpaquePointer?) throws(BusError) {
        guard let raw else { throw BusError(.unavailable, "librdkafka has no such queue") }
        self.init(raw)
    }

    // Before its client is destroyed: whoever owns both drops the queue first.
    deinit { rd_kafka_queue_destroy(raw) }

    /// The next event, which the caller destroys; nil when the time is over or somebody called `wake`.
    func poll(for time: Duration) -> KafkaEvent? {
        // A whole millisecond more: less would come back before the time and ask again at once.
        let milliseconds = time <= .zero ? 0 : min(time.milliseconds + 1, Int64(Int32.max))
        return rd_kafka_queue_poll(raw, Int32(milliseconds)).map { KafkaEvent($0) }
    }

    /// Lets a `poll` that waits come back.
    func wake() { rd_kafka_queue_yield(raw) }
}

/// Owns one event from a queue.
final class KafkaEvent {
    let raw: OpaquePointer

    init(_ raw: OpaquePointer) { self.raw = raw }

    deinit { rd_kafka_event_destroy(raw) }

    /// One of librdkafka's `RD_KAFKA_EVENT_…`.
    var type: Int32 { rd_kafka_event_type(raw) }

    var error: rd_kafka_resp_err_t { rd_kafka_event_error(raw) }

    /// Whether it reports an error, or deliveries, which may have failed.
    var isFailure: Bool { type == RD_KAFKA_EVENT_ERROR || type == RD_KAFKA_EVENT_DR }

    /// librdkafka's words for the error; no credentials are in them.
    var errorText: String { rd_kafka_event_error_string(raw).map { String(cString: $0) } ?? "" }
}

extension Duration {
    /// Whole milliseconds; saturates.
    var milliseconds: Int64 { nanoseconds / 1_000_000 }
}
