internal import CRdKafka
internal import Runtime
internal import Synchronization

extension KafkaGroupMember {
    /// Commits within the group's generation; again after a moment while the group is busy with itself and this member
    /// still has the partitions.
    func commit(_ offsets: [Int: Int64]) async throws(BusError) {
        guard !offsets.isEmpty else { return }
        let deadline = core.time.uptime + core.configuration.requestTimeout
        while true {
            let error = try await commitOnce(offsets)
            guard error != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
            let failure = BusError(kafka: error, "the commit")
            let next = core.time.uptime + .milliseconds(100)
            let isPassing = failure.code == .unavailable || error == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS
            guard isPassing, next < deadline else { throw failure }
            do { try await core.time.sleep(until: next) } catch { throw failure }
        }
    }

    private func commitOnce(_ offsets: [Int: Int64]) async throws(BusError) -> rd_kafka_resp_err_t {
        let list = try KafkaPartitions(topic, offsets.map { (partition: $0.key, offset: $0.value) })
        var refusal: BusError?
        let answer = await withCheckedContinuation { continuation in
            let error = state.withLock { state -> rd_kafka_resp_err_t? in
                guard !state.isLeaving else {
                    refusal = KafkaCore.closed
                    return RD_KAFKA_RESP_ERR__DESTROY
                }
                guard state.assignment.mayCommit(offsets) else {
                    refusal = BusError(.rebalanced, "a partition of the commit belongs to another member now")
                    return RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST
                }
                state.lastCommit += 1
                let error = send(list, number: state.lastCommit)
                if error == RD_KAFKA_RESP_ERR_NO_ERROR { state.commits[state.lastCommit] = continuation }
                return error == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : error
            }
            if let error { continuation.resume(returning: error) }
        }
        if let refusal { throw refusal }
        return answer
    }

    /// The answer comes as an event whose opaque is the number.
    private func send(_ list: KafkaPartitions, number: UInt) -> rd_kafka_resp_err_t {
        events.withLock { events in
            guard let events else { return RD_KAFKA_RESP_ERR__DESTROY }
            return rd_kafka_commit_queue(
                handle.raw, list.raw, events.raw, nil, UnsafeMutableRawPointer(bitPattern: number))
        }
    }

    /// Takes the answer to a commit.
    func takeCommit(_ event: KafkaEvent) {
        let number = UInt(bitPattern: rd_kafka_event_opaque(event.raw))
        guard let continuation = state.withLock({ $0.commits.removeValue(forKey: number) }) else { return }
        var error = event.error
        if let list = rd_kafka_event_topic_partition_list(event.raw), error == RD_KAFKA_RESP_ERR_NO_ERROR {
            error = KafkaPartitions.elements(of: list).map(\.error).first { $0 != error } ?? error
        }
        continuation.resume(returning: error)
    }

    /// Ends the commits whose answers cannot come any more.
    func abandonCommits() {
        let commits = state.withLock { state in
            defer { state.commits = [:] }
            return state.commits.values
        }
        for commit in commits { commit.resume(returning: RD_KAFKA_RESP_ERR__DESTROY) }
    }
}
