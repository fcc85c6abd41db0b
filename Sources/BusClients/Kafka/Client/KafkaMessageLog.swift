/// `MessageLog` on Kafka.
final class KafkaMessageLog: MessageLog {
    private let core: KafkaCore
    private let directory: TopicDirectory
    private let administration: TopicAdministration
    private let offsets: OffsetLookup
    private let producer: Producer
    private let readers: RangeReaders

    let features = MessageLogFeatures(appendsAllOrNone: false, compactsSoon: false)

    var connection: ConnectionHealth { core.watch.health }

    init(
        _ core: KafkaCore, directory: TopicDirectory, lookup: ClusterLookup, producer: Producer, readers: RangeReaders
    ) {
        self.core = core
        self.directory = directory
        self.producer = producer
        self.readers = readers
        administration = TopicAdministration(core, lookup: lookup, directory: directory)
        offsets = OffsetLookup(lookup: lookup)
    }

    func createTopic(_ topic: Topic, _ options: TopicOptions) async throws(BusError) {
        try await administration.create(topic, options)
    }

    func append(_ records: [LogRecord], to topic: Topic) async throws(BusError) -> [LogPosition] {
        try await producer.append(records, to: topic)
    }

    func consume(_ topic: Topic, group: ConsumerGroup) async throws(BusError) -> any LogConsumer {
        try group.validate()
        _ = try await directory.partitions(of: topic)
        return KafkaConsumer(try KafkaGroupMember.join(group, topic, core))
    }

    func follow(_ topic: Topic, from offsets: [Int: Int64]) async throws(BusError) -> LogRecords {
        let partitions = try await directory.partitions(of: topic)
        return LogRecords(
            KafkaFollower(try FollowedTopic.start(core, topic, partitions: partitions, from: offsets)))
    }

    func read(
        _ topic: Topic, partition: Int, from offset: Int64, limit: Int
    ) async throws(BusError) -> [StoredRecord] {
        guard (0..<(try await directory.partitions(of: topic))).contains(partition), limit > 0 else { return [] }
        let records = try await readers.next().read(topic, partition: partition, from: offset, limit: limit)
        core.watch.succeeded()
        return records
    }

    func offsets(of topic: Topic) async throws(BusError) -> [Range<Int64>] {
        try await offsets.retained(topic, partitions: 0..<(try await directory.partitions(of: topic)))
    }

    func partition(of key: String, in topic: Topic) async throws(BusError) -> Int {
        Murmur2.partition(of: key, count: try await directory.partitions(of: topic))
    }

    func committedOffsets(of group: ConsumerGroup, in topic: Topic) async throws(BusError) -> [Int: Int64] {
        try group.validate()
        return try await offsets.committed(group, topic, partitions: try await directory.partitions(of: topic))
    }
}
