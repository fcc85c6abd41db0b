internal import CRdKafka
internal import Synchronization

/// Where a client's fetched messages wait to be taken; librdkafka bounds their bytes by fetching no more.
///
/// Whoever has the client closes the queue before the client is destroyed.
///
/// `@unchecked Sendable`: the buffer is only used inside of the queue's lock.
final class FetchQueue: @unchecked Sendable {
    /// What was taken.
    struct Batch {
        var records: [StoredRecord] = []
        /// What a broker said of a partition, which has no more records for now.
        var error: BusError?
        /// Whether a partition was read to its end; only for clients that are told.
        var isAtEnd = false
    }

    /// Messages taken at a time: few enough to be in the processor's cache still when they are handled. 1,024 at a time
    /// are read a tenth to a quarter slower.
    static let capacity = 128

    /// Raised when something is there to be taken.
    let news = Signal()
    private let queue: Mutex<KafkaQueue?>
    private let buffer = UnsafeMutablePointer<UnsafeMutablePointer<rd_kafka_message_t>?>.allocate(capacity: capacity)

    init(of handle: KafkaHandle) throws(BusError) {
        let queue = try KafkaQueue.new(of: handle)
        self.queue = Mutex(queue)
        buffer.initialize(repeating: nil, count: Self.capacity)
        // Called by the library's threads, with its queue locked, when the queue was empty: only raises.
        rd_kafka_queue_cb_event_enable(
            queue.raw,
            { _, opaque in
                guard let opaque else { return }
                Unmanaged<Signal>.fromOpaque(opaque).takeUnretainedValue().raise()
            }, Unmanaged.passUnretained(news).toOpaque())
    }

    deinit {
        close()
        buffer.deallocate()
    }

    /// Lets the messages of a partition come here, before it is assigned.
    func receive(_ topic: String, _ partition: Int, of handle: KafkaHandle) throws(BusError) {
        guard let source = rd_kafka_queue_get_partition(handle.raw, topic, Int32(clamping: partition)) else {
            throw BusError(.unavailable, "librdkafka has no queue for the partition")
        }
        queue.withLock { if let queue = $0 { rd_kafka_queue_forward(source, queue.raw) } }
        rd_kafka_queue_destroy(source)
    }

    /// Starts a partition outside of any group, whose messages come here.
    func start(_ topic: OpaquePointer, _ partition: Int, at offset: Int64) throws(BusError) {
        let isStarted = queue.withLock { queue in
            guard let queue else { return true }
            return rd_kafka_consume_start_queue(topic, Int32(clamping: partition), offset, queue.raw) == 0
        }
        guard isStarted else { throw BusError(kafka: rd_kafka_last_error(), "reading the partition") }
    }

    /// Takes what is there, up to `capacity` messages.
    /// - Parameters:
    ///   - limit: Takes at most so many.
    ///   - milliseconds: Waits so long for the first; only on a thread that may block.
    func take(upTo limit: Int = capacity, waiting milliseconds: Int32 = 0) -> Batch {
        queue.withLock { queue in
            var batch = Batch()
            guard let queue else { return batch }
            let room = min(limit, Self.capacity)
            // A batch that waits, waits until it is full: so one message is waited for, and what else is there taken.
            let first = milliseconds > 0 ? rd_kafka_consume_batch_queue(queue.raw, milliseconds, buffer, 1) : 0
            let others = rd_kafka_consume_batch_queue(queue.raw, 0, buffer + max(0, first), room - max(0, first))
            let count = max(0, first) + max(0, others)
            guard count > 0 else { return batch }
            batch.records.reserveCapacity(count)
            for index in 0..<count {
                guard let message = buffer[index] else { continue }
                take(message, into: &batch)
                rd_kafka_message_destroy(message)
            }
            return batch
        }
    }

    private func take(_ message: UnsafeMutablePointer<rd_kafka_message_t>, into batch: inout Batch) {
        switch message.pointee.err {
        case RD_KAFKA_RESP_ERR_NO_ERROR: batch.records.append(StoredRecord(message))
        case RD_KAFKA_RESP_ERR__PARTITION_EOF: batch.isAtEnd = true
        case let error: batch.error = BusError(kafka: error, "reading the partition")
        }
    }

    /// Gives the queue up with what waits in it. Idempotent.
    func close() {
        let queue = queue.withLock { $0.take() }
        if let queue { rd_kafka_queue_cb_event_enable(queue.raw, nil, nil) }
        news.raise()
    }
}
