internal import CRdKafka
internal import Runtime
internal import Synchronization

/// A client that reads ranges of partitions, one after the other, on its own thread.
final class RangeReader: Sendable {
    private let core: KafkaCore
    private let handle: KafkaHandle
    private let thread = BlockingThread(name: "kafka-reader")
    private let load = Atomic(0)

    init(_ core: KafkaCore) throws(BusError) {
        self.core = core
        handle = try KafkaHandle(.consumer, core.configuration.rangeReading, log: core.libraryLog)
    }

    /// Reads that wait for the thread or have it.
    var waiting: Int { load.load(ordering: .relaxed) }

    /// Reads up to `limit` records, fewer when they are large; none beyond the end as it was when the read began.
    func read(
        _ topic: Topic, partition: Int, from offset: Int64, limit: Int
    ) async throws(BusError) -> [StoredRecord] {
        load.wrappingAdd(1, ordering: .relaxed)
        defer { load.wrappingSubtract(1, ordering: .relaxed) }
        let deadline = core.time.uptime + core.configuration.requestTimeout
        do {
            return try await thread.run { [self] in
                guard !core.isClosing else { throw KafkaCore.closed }
                return try readNow(topic, partition, from: offset, limit: limit, until: deadline)
            }
        } catch let error as BusError {
            throw error
        } catch {
            throw KafkaCore.closed
        }
    }

    private func remaining(until deadline: Duration) throws(BusError) -> Int32 {
        let milliseconds = (deadline - core.time.uptime).milliseconds
        guard milliseconds > 0 else { throw BusError(.unavailable, "no Kafka broker answered the read in time") }
        return Int32(clamping: milliseconds)
    }

    private func readNow(
        _ topic: Topic, _ partition: Int, from offset: Int64, limit: Int, until deadline: Duration
    ) throws(BusError) -> [StoredRecord] {
        var low: Int64 = 0
        var high: Int64 = 0
        let error = rd_kafka_query_watermark_offsets(
            handle.raw, topic.rawValue, Int32(clamping: partition), &low, &high, try remaining(until: deadline))
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { throw BusError(kafka: error, "reading the offsets") }
        let start = max(low, offset)
        guard limit > 0, start < high else { return [] }
        guard let pointer = rd_kafka_topic_new(handle.raw, topic.rawValue, nil) else {
            throw BusError(kafka: rd_kafka_last_error(), "reading the topic")
        }
        defer { rd_kafka_topic_destroy(pointer) }
        let fetch = try FetchQueue(of: handle)
        defer { fetch.close() }
        try fetch.start(pointer, partition, at: start)
        // Fails only for a partition that was not started.
        defer { rd_kafka_consume_stop(pointer, Int32(clamping: partition)) }
        return try collect(from: fetch, to: high, limit: limit, until: deadline)
    }

    private func collect(
        from fetch: FetchQueue, to end: Int64, limit: Int, until deadline: Duration
    ) throws(BusError) -> [StoredRecord] {
        var records: [StoredRecord] = []
        var budget = LogFollower.pageBytes
        var isOver = false
        while records.count < limit, budget > 0, !isOver {
            let batch = fetch.take(upTo: limit - records.count, waiting: try remaining(until: deadline))
            for record in batch.records where record.position.offset < end {
                budget -= record.record.byteCount
                records.append(record)
            }
            isOver = batch.records.last.map { $0.position.offset >= end - 1 } ?? false
            if let error = batch.error { throw error }
            // The end may be a marker of a transaction, which is no record: then the broker's word ends the range.
            isOver = isOver || batch.isAtEnd
        }
        return records
    }

    /// Ends the client after the read that is in hand.
    func close() {
        thread.submit { [handle] in handle.destroy() }
    }
}
