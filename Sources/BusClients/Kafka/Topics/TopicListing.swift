internal import CRdKafka
internal import Synchronization

/// Lists the cluster's topics; calls that wait at the same time share one request.
///
/// All topics, not the one that is looked for: a broker that creates topics on demand would create that one.
final class TopicListing: Sendable {
    /// One topic as the brokers know it.
    struct Entry: Sendable {
        let partitions: Int
        /// Whether every partition has a leader.
        let isServed: Bool
    }

    typealias Outcome = Result<[Topic: Entry], BusError>

    private struct State {
        var waiters: [CheckedContinuation<Outcome, Never>] = []
        var isListing = false
    }

    private let lookup: ClusterLookup
    private let state = Mutex(State())

    init(_ lookup: ClusterLookup) { self.lookup = lookup }

    /// The topics as they are some time after the call began.
    func topics() async throws(BusError) -> [Topic: Entry] {
        let outcome = await withCheckedContinuation { continuation in
            let mustStart = state.withLock { state in
                state.waiters.append(continuation)
                defer { state.isListing = true }
                return !state.isListing
            }
            guard mustStart, !lookup.submit({ self.list(on: $0, within: $1) }) else { return }
            for waiter in take() { waiter.resume(returning: .failure(KafkaCore.closed)) }
        }
        return try outcome.get()
    }

    /// Those who wait now; nobody lists any more if there is none.
    private func take() -> [CheckedContinuation<Outcome, Never>] {
        state.withLock { state in
            defer { state.waiters = [] }
            state.isListing = !state.waiters.isEmpty
            return state.waiters
        }
    }

    /// On the lookup's thread: once for all who wait, and again for those who came meanwhile.
    private func list(on handle: KafkaHandle, within milliseconds: Int32) {
        var waiters = take()
        while !waiters.isEmpty {
            let outcome = Result { () throws(BusError) in try Self.topics(of: handle, within: milliseconds) }
            for waiter in waiters { waiter.resume(returning: outcome) }
            waiters = take()
        }
    }

    private static func topics(
        of handle: KafkaHandle, within milliseconds: Int32
    ) throws(BusError) -> [Topic: Entry] {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let error = rd_kafka_metadata(handle.raw, 1, nil, &metadata, milliseconds)
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else {
            throw BusError(kafka: error, "listing the topics")
        }
        defer { rd_kafka_metadata_destroy(metadata) }
        var topics: [Topic: Entry] = [:]
        for index in 0..<Int(metadata.pointee.topic_cnt) {
            let topic = metadata.pointee.topics[index]
            guard let name = topic.topic, topic.partition_cnt > 0 else { continue }
            let isServed =
                topic.err == RD_KAFKA_RESP_ERR_NO_ERROR
                && (0..<Int(topic.partition_cnt)).allSatisfy { topic.partitions[$0].leader >= 0 }
            topics[Topic(String(cString: name))] = Entry(partitions: Int(topic.partition_cnt), isServed: isServed)
        }
        return topics
    }
}
