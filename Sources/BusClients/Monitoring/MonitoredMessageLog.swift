/// A message log that a monitor watches.
final class MonitoredMessageLog: MessageLog {
    private let base: any MessageLog
    private let monitor: BusMonitor

    init(_ base: any MessageLog, monitor: BusMonitor) {
        self.base = base
        self.monitor = monitor
    }

    var features: MessageLogFeatures { base.features }
    var connection: ConnectionHealth { base.connection }

    func createTopic(_ topic: Topic, _ options: TopicOptions) async throws(BusError) {
        try await base.createTopic(topic, options)
    }

    func append(_ records: [LogRecord], to topic: Topic) async throws(BusError) -> [LogPosition] {
        try await monitor.producer(.messageLog, topic.rawValue).write { () throws(BusError) in
            try await base.append(records, to: topic)
        }
    }

    func consume(_ topic: Topic, group: ConsumerGroup) async throws(BusError) -> any LogConsumer {
        MonitoredLogConsumer(
            try await base.consume(topic, group: group), activity: monitor.activity(.topic(topic, group)),
            monitor: monitor)
    }

    func follow(_ topic: Topic, from offsets: [Int: Int64]) async throws(BusError) -> LogRecords {
        let records = try await base.follow(topic, from: offsets)
        let source = MonitoredSource(
            records.source, activity: monitor.activity(.topic(topic, nil), from: offsets), monitor: monitor,
            isCursor: true
        ) { records, activity in
            _ = activity.handedOut(records.count)
            activity.advanced(to: records.nextOffsets)
            return records
        }
        return LogRecords(source)
    }

    func read(
        _ topic: Topic, partition: Int, from offset: Int64, limit: Int
    ) async throws(BusError) -> [StoredRecord] {
        try await base.read(topic, partition: partition, from: offset, limit: limit)
    }

    func offsets(of topic: Topic) async throws(BusError) -> [Range<Int64>] { try await base.offsets(of: topic) }

    func partition(of key: String, in topic: Topic) async throws(BusError) -> Int {
        try await base.partition(of: key, in: topic)
    }

    func committedOffsets(of group: ConsumerGroup, in topic: Topic) async throws(BusError) -> [Int: Int64] {
        try await base.committedOffsets(of: group, in: topic)
    }
}

/// A group member that a monitor watches: what is handed out is settled by the commits.
final class MonitoredLogConsumer: LogConsumer {
    private let base: any LogConsumer
    private let activity: ConsumerActivity
    private let monitor: BusMonitor

    init(_ base: any LogConsumer, activity: ConsumerActivity, monitor: BusMonitor) {
        self.base = base
        self.activity = activity
        self.monitor = monitor
        monitor.add(activity)
    }

    deinit { monitor.remove(activity) }

    func next() async throws(BusError) -> [StoredRecord]? {
        guard let records = try await base.next() else {
            monitor.remove(activity)
            return nil
        }
        _ = activity.handedOut(records.count)
        return records
    }

    func commit(_ offsets: [Int: Int64]) async throws(BusError) {
        try await base.commit(offsets)
        activity.handledAll()
        activity.advanced(to: offsets)
    }

    func assignment() async -> Set<Int> { await base.assignment() }

    func close() async {
        await base.close()
        monitor.remove(activity)
    }
}

extension [StoredRecord] {
    /// Where each partition goes on after these records.
    fileprivate var nextOffsets: [Int: Int64] {
        reduce(into: [:]) { $0[$1.position.partition] = $1.position.offset + 1 }
    }
}
