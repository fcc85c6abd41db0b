internal import CRdKafka
internal import Runtime
internal import Synchronization

/// A client that reads every partition of a topic from given offsets, and those that are added later from their
/// oldest record.
final class FollowedTopic: KafkaReader {
    private struct State {
        /// Partitions that are read: `0..<partitions`.
        var partitions = 0
        var error: BusError?
        var isOver = false
    }

    private let core: KafkaCore
    private let topic: Topic
    private let handle: KafkaHandle
    private let fetch: FetchQueue
    private let thread = BlockingThread(name: "kafka-follower")
    private let state = Mutex(State())
    private let ended = Latch()

    private init(_ core: KafkaCore, _ topic: Topic) throws(BusError) {
        self.core = core
        self.topic = topic
        handle = try KafkaHandle(.consumer, core.configuration.reading, log: core.libraryLog)
        do {
            fetch = try FetchQueue(of: handle)
        } catch {
            handle.destroy()
            throw error
        }
    }

    static func start(
        _ core: KafkaCore, _ topic: Topic, partitions: Int, from offsets: [Int: Int64]
    ) throws(BusError) -> FollowedTopic {
        let followed = try FollowedTopic(core, topic)
        followed.read(partitions, from: offsets)
        do {
            try core.add(followed)
        } catch {
            followed.leave()
            throw error
        }
        return followed
    }

    /// Reads the partitions below `count` that are not read yet.
    private func read(_ count: Int, from offsets: [Int: Int64]) {
        thread.submit { [self] in
            let new = state.withLock { state in
                guard !state.isOver, count > state.partitions else { return 0..<0 }
                defer { state.partitions = count }
                return state.partitions..<count
            }
            guard !new.isEmpty else { return }
            do {
                guard let topic = rd_kafka_topic_new(handle.raw, topic.rawValue, nil) else {
                    throw BusError(kafka: rd_kafka_last_error(), "reading the topic")
                }
                // Started partitions keep it.
                defer { rd_kafka_topic_destroy(topic) }
                for partition in new {
                    let start = offsets[partition].map { max(0, $0) } ?? Int64(RD_KAFKA_OFFSET_BEGINNING)
                    try fetch.start(topic, partition, at: start)
                }
            } catch {
                fail(error as? BusError ?? BusError(.unavailable, "reading the topic failed"))
            }
        }
    }

    private func fail(_ error: BusError) {
        state.withLock { $0.error = error }
        fetch.news.raise()
    }

    func next() async throws(BusError) -> [StoredRecord]? {
        while !Task.isCancelled, !state.withLock({ $0.isOver }) {
            let generation = fetch.news.generation
            let batch = fetch.take()
            if let error = batch.error { state.withLock { $0.error = error } }
            if !batch.records.isEmpty {
                core.metrics.read.increment(by: Double(batch.records.count), [topic.rawValue])
                return batch.records
            }
            if let error = state.withLock({ $0.error.take() }) { throw error }
            await fetch.news.wait(past: generation)
        }
        leave()
        return nil
    }

    func topicGrew(_ topic: Topic, to partitions: Int) {
        if topic == self.topic { read(partitions, from: [:]) }
    }

    /// Ends the sequence; the client goes in its own time.
    func leave() {
        let isFirst = state.withLock { state in
            defer { state.isOver = true }
            return !state.isOver
        }
        guard isFirst else { return }
        fetch.news.raise()
        core.remove(self)
        thread.submit { [self] in
            fetch.close()
            handle.destroy()
            ended.open()
        }
    }

    func close() async {
        leave()
        await ended.wait()
    }
}
