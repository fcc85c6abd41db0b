internal import CRdKafka
internal import Runtime
internal import Synchronization

extension KafkaGroupMember {
    /// How long leaving may take: a coordinator that is away is not waited for (librdkafka #4519).
    private static let leaveTime: Duration = .seconds(5)
    /// How long a partition that is asked back is kept for commits that are on their way.
    private static let commitTime: Duration = .seconds(5)

    /// The body of the thread: serves the group until the member has left it.
    func serve() {
        // A partition that is asked back is given back when the commits on their way are answered: a commit that came
        // after its new owner's would take it back.
        var asked: (event: KafkaEvent, until: Duration)?
        var leaveBy: Duration?
        defer { abandonCommits() }
        while true {
            let now = core.time.uptime
            let (isLeaving, isCommitting) = state.withLock { ($0.isLeaving, !$0.commits.isEmpty) }
            if let revoke = asked, !isCommitting || isLeaving || now >= revoke.until {
                giveBack(revoke.event)
                asked = nil
            }
            if isLeaving, leaveBy == nil {
                leaveBy = now + Self.leaveTime
                guard startLeaving() else { return }
            }
            if let leaveBy, now >= leaveBy || rd_kafka_consumer_closed(handle.raw) != 0 { return }
            // A minute: nothing waits for it, but the library wants to see its caller now and then.
            let wait: Duration = leaveBy != nil ? .milliseconds(50) : asked.map { $0.until - now } ?? .seconds(60)
            guard let event = events.withLock({ $0 })?.poll(for: wait) else { continue }
            switch event.type {
            case RD_KAFKA_EVENT_REBALANCE: asked = rebalance(event, isLeaving: isLeaving) ?? asked
            case RD_KAFKA_EVENT_OFFSET_COMMIT: takeCommit(event)
            case RD_KAFKA_EVENT_ERROR: take(error: event)
            case RD_KAFKA_EVENT_STATS:
                guard let statistics = KafkaStatistics(event) else { break }
                core.metrics.show(lags: statistics.lags, of: group, member: name)
            default: break
            }
        }
    }

    /// Whether there is something to wait for.
    private func startLeaving() -> Bool {
        guard let queue = events.withLock({ $0 }) else { return false }
        guard let error = rd_kafka_consumer_close_queue(handle.raw, queue.raw) else { return true }
        core.logger.warning(
            "group_leave_failed", ["group": "\(group)", "code": "\(rd_kafka_error_code(error).rawValue)"])
        rd_kafka_error_destroy(error)
        return false
    }

    private func take(error event: KafkaEvent) {
        let error = BusError(kafka: event.error, "the consumer group")
        switch error.code {
        case .accessRefused, .unsupported, .unknownTopic, .invalidName: fail(error)
        default:
            if event.error != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN { core.watch.failed(event.error, event.errorText) }
        }
    }

    // MARK: Rebalancing

    /// Takes new partitions, or returns what is asked back and by when it must be given.
    private func rebalance(_ event: KafkaEvent, isLeaving: Bool) -> (event: KafkaEvent, until: Duration)? {
        guard let list = rd_kafka_event_topic_partition_list(event.raw) else { return nil }
        let partitions = KafkaPartitions.elements(of: list).map(\.partition)
        if event.error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            accept(event, partitions, list)
            return nil
        }
        state.withLock { $0.assignment.revoke(isIncremental ? partitions : Array($0.assignment.numbers)) }
        // Lost already: another member may have it.
        if isLeaving || rd_kafka_assignment_lost(handle.raw) != 0 {
            giveBack(event)
            return nil
        }
        return (event, core.time.uptime + Self.commitTime)
    }

    /// Whether the group takes single partitions from its members, not all at every rebalance.
    private var isIncremental: Bool {
        rd_kafka_rebalance_protocol(handle.raw).map { String(cString: $0) } == "COOPERATIVE"
    }

    private func accept(
        _ event: KafkaEvent, _ partitions: [Int], _ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>
    ) {
        do {
            for partition in partitions { try fetch.receive(topic.rawValue, partition, of: handle) }
        } catch {
            fail(error)
        }
        state.withLock { state in if !state.isLeaving { state.assignment.assign(partitions) } }
        if isIncremental {
            check(rd_kafka_incremental_assign(handle.raw, list))
        } else {
            check(rd_kafka_assign(handle.raw, list))
        }
    }

    private func giveBack(_ event: KafkaEvent) {
        if isIncremental, let list = rd_kafka_event_topic_partition_list(event.raw) {
            check(rd_kafka_incremental_unassign(handle.raw, list))
        } else {
            check(rd_kafka_assign(handle.raw, nil))
        }
    }

    private func check(_ error: OpaquePointer?) {
        guard let error else { return }
        check(rd_kafka_error_code(error))
        rd_kafka_error_destroy(error)
    }

    private func check(_ error: rd_kafka_resp_err_t) {
        guard error != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        core.logger.warning("rebalance_failed", ["group": "\(group)", "error": "\(BusError(kafka: error, "it"))"])
    }
}
