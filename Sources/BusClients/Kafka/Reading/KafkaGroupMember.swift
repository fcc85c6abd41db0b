internal import CRdKafka
internal import Runtime
internal import Synchronization

/// A client that is a member of a consumer group, and the thread that serves the group.
///
/// Records wait in librdkafka until `next` takes them, so a slow worker only makes the client fetch no more; the thread
/// answers the group meanwhile.
final class KafkaGroupMember: KafkaReader {
    struct State {
        var assignment = GroupAssignment()
        /// Commits whose answers have not come, by their number.
        var commits: [UInt: CheckedContinuation<rd_kafka_resp_err_t, Never>] = [:]
        var lastCommit: UInt = 0
        var error: BusError?
        var isLeaving = false
    }

    let core: KafkaCore
    let topic: Topic
    let group: ConsumerGroup
    let handle: KafkaHandle
    let fetch: FetchQueue
    /// The client's events; gone when it has left.
    let events: Mutex<KafkaQueue?>
    let state = Mutex(State())
    private let thread = BlockingThread(name: "kafka-member")
    private let ended = Latch()

    private init(_ core: KafkaCore, _ topic: Topic, _ group: ConsumerGroup) throws(BusError) {
        self.core = core
        self.topic = topic
        self.group = group
        handle = try KafkaHandle(.consumer, core.configuration.member(of: group), log: core.libraryLog)
        do throws(BusError) {
            // Statistics and errors of the client come to the member's queue as well.
            let error = rd_kafka_poll_set_consumer(handle.raw)
            guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { throw BusError(kafka: error, "joining the group") }
            events = Mutex(try KafkaQueue.consumer(of: handle))
            fetch = try FetchQueue(of: handle)
        } catch {
            handle.destroy()
            throw error
        }
    }

    /// Joins the group; its partitions come when the members have agreed.
    static func join(
        _ group: ConsumerGroup, _ topic: Topic, _ core: KafkaCore
    ) throws(BusError) -> KafkaGroupMember {
        let member = try KafkaGroupMember(core, topic, group)
        member.thread.submit {
            member.serve()
            member.events.withLock { $0 = nil }
            member.fetch.close()
            member.handle.destroy()
            core.metrics.show(lags: [], of: group, member: member.name)
            core.remove(member)
            member.ended.open()
        }
        do throws(BusError) {
            let subscription = try KafkaPartitions(topic, CollectionOfOne((partition: -1, offset: -1)))
            let error = rd_kafka_subscribe(member.handle.raw, subscription.raw)
            guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { throw BusError(kafka: error, "joining the group") }
            try core.add(member)
        } catch {
            member.leave()
            throw error
        }
        return member
    }

    /// Tells the members of one process apart.
    var name: String { "\(UInt(bitPattern: ObjectIdentifier(self)))" }

    var assignment: Set<Int> { state.withLock { $0.assignment.numbers } }

    func next() async throws(BusError) -> [StoredRecord]? {
        while !Task.isCancelled, !state.withLock({ $0.isLeaving }) {
            let generation = fetch.news.generation
            let batch = state.withLock { state in
                var batch = fetch.take()
                state.assignment.handOut(&batch.records)
                if let error = batch.error { state.error = error }
                return batch
            }
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

    /// The worker learns from `next` what this member cannot mend.
    func fail(_ error: BusError) {
        state.withLock { $0.error = error }
        fetch.news.raise()
    }

    func topicGrew(_ topic: Topic, to partitions: Int) {
        // The group's leader sees it by itself, and shares the partitions anew.
    }

    /// Leaves the group, in its own time. Idempotent.
    func leave() {
        let isFirst = state.withLock { state in
            defer {
                state.isLeaving = true
                state.assignment.revokeAll()
            }
            return !state.isLeaving
        }
        guard isFirst else { return }
        fetch.news.raise()
        wake()
    }

    func wake() { events.withLock { $0?.wake() } }

    func close() async {
        leave()
        await ended.wait()
    }
}
