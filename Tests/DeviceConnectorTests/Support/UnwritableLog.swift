import BusClients

/// A message log in which one topic takes no records.
struct UnwritableLog: MessageLog {
    private let base: any MessageLog
    private let topic: Topic

    init(_ base: any MessageLog, topic: Topic) {
        self.base = base
        self.topic = topic
    }

    var features: MessageLogFeatures { base.features }
    var connection: ConnectionHealth { base.connection }

    func append(_ records: [LogRecord], to topic: Topic) async throws(BusError) -> [LogPosition] {
        if topic == self.topic { throw BusError(.unavailable, "ordered") }
        return try await base.append(records, to: topic)
    }

    func createTopic(_ topic: Topic, _ options: TopicOptions) async throws(BusError) {
        try await base.createTopic(topic, options)
    }

    func consume(_ topic: Topic, group: ConsumerGroup) async throws(BusError) -> any LogConsumer {
        try await base.consume(topic, group: group)
    }

    func follow(_ topic: Topic, from offsets: [Int: Int64]) async throws(BusError) -> LogRecords {
        try await base.follow(topic, from: offsets)
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
