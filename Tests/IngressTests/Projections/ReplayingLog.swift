import BusClients

/// A log that is read from its oldest record whatever offset is asked for, as at-least-once allows.
struct ReplayingLog: MessageLog {
    let base: any MessageLog

    var features: MessageLogFeatures { base.features }
    var connection: ConnectionHealth { base.connection }

    func createTopic(_ topic: Topic, _ options: TopicOptions) async throws(BusError) {
        try await base.createTopic(topic, options)
    }

    func append(_ records: [LogRecord], to topic: Topic) async throws(BusError) -> [LogPosition] {
        try await base.append(records, to: topic)
    }

    func consume(_ topic: Topic, group: ConsumerGroup) async throws(BusError) -> any LogConsumer {
        try await base.consume(topic, group: group)
    }

    func follow(_ topic: Topic, from offsets: [Int: Int64]) async throws(BusError) -> LogRecords {
        try await base.follow(topic, from: [:])
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
