public import Runtime

/// An ordered, keyed, partitioned log of records.
///
/// Safe to use from any task. Records with one key are in one partition in the order they were appended. A partition's
/// offsets start at 0 and grow without being used twice.
///
/// Every call may throw `.unavailable`, `.accessRefused` and `.closed`; a name that was not declared is
/// `.unknownTopic`, and one that no broker could take `.invalidName`. What else, each call says.
public protocol MessageLog: Sendable {
    /// Creates the topic, or changes retention and compaction of an existing one. The partition count stays as it was
    /// created. Idempotent.
    /// - Throws: `.unsupported` for a number of partitions that the transport does not have.
    func createTopic(_ topic: Topic, _ options: TopicOptions) async throws(BusError)

    /// Appends records; returns their positions, in order, once all are durable.
    ///
    /// A failure may leave some of them appended (`MessageLogFeatures.appendsAllOrNone`), but no record of a partition
    /// without those before it in the call.
    /// - Throws: `.unavailable`, `.diskFull`, `.messageTooLarge`, `.unknownTopic`.
    func append(_ records: [LogRecord], to topic: Topic) async throws(BusError) -> [LogPosition]

    /// Consumes the topic as a member of a group: the group's partitions are shared among its members, and each
    /// starts at the committed offset, or at the oldest record where none is committed.
    /// - Returns: A member of its own; two members in one program share the partitions as two programs do.
    func consume(_ topic: Topic, group: ConsumerGroup) async throws(BusError) -> any LogConsumer

    /// Reads every partition from given offsets, outside of any group; a partition without an offset starts at its
    /// oldest record. Each element is what was ready, at least one record, in order per partition.
    /// - Parameters:
    ///   - topic: A created topic.
    ///   - offsets: By partition, the offset of the first record.
    func follow(_ topic: Topic, from offsets: [Int: Int64]) async throws(BusError) -> LogRecords

    /// Reads up to `limit` records of one partition from an offset on; empty at the end. Never waits.
    func read(
        _ topic: Topic, partition: Int, from offset: Int64, limit: Int
    ) async throws(BusError) -> [StoredRecord]

    /// The retained offsets of every partition: index is the partition, the range's upper bound the next offset.
    func offsets(of topic: Topic) async throws(BusError) -> [Range<Int64>]

    /// The partition that a key belongs to, of a topic with that many partitions: murmur2 of the key's bytes, as the
    /// Java client's default partitioner.
    func partition(of key: String, in topic: Topic) async throws(BusError) -> Int

    /// The committed offset of each partition of a group; a partition without one is absent.
    func committedOffsets(of group: ConsumerGroup, in topic: Topic) async throws(BusError) -> [Int: Int64]

    /// What this transport can and cannot do.
    var features: MessageLogFeatures { get }

    /// How the transport reaches its broker now.
    var connection: ConnectionHealth { get }
}

/// What a message log transport can do, where transports differ.
public struct MessageLogFeatures: Sendable, Hashable {
    /// A call that throws has appended nothing. Without it a part of each partition's records, from the first on, may
    /// have been appended.
    public var appendsAllOrNone: Bool
    /// A compacted topic soon holds only the newest record of each key. Without it older records of a key may be read
    /// for long; the newest of a key is always the last that is read.
    public var compactsSoon: Bool

    /// Each parameter is the property of its name.
    public init(appendsAllOrNone: Bool, compactsSoon: Bool) {
        self.appendsAllOrNone = appendsAllOrNone
        self.compactsSoon = compactsSoon
    }
}

/// A member of a consumer group.
///
/// Leaves the group when it is closed, its task is cancelled while waiting, or it is released; its partitions then go
/// to the other members.
public protocol LogConsumer: Sendable {
    /// The next records of the partitions this member has now; nil when closed or cancelled.
    func next() async throws(BusError) -> [StoredRecord]?

    /// Commits that everything before an offset of each partition is handled: the next member that is given the
    /// partition starts there.
    /// - Parameter offsets: By partition, one more than the offset of the last handled record.
    /// - Throws: `.rebalanced` where this member has lost one of the partitions meanwhile; nothing is committed then.
    func commit(_ offsets: [Int: Int64]) async throws(BusError)

    /// The partitions this member has now.
    func assignment() async -> Set<Int>

    /// Leaves the group.
    func close() async
}

/// One record to append.
public struct LogRecord: Sendable, Hashable {
    /// Decides the partition and, in a compacted topic, which older record this one replaces.
    public var key: String
    /// Ordered name and value pairs.
    public var headers: Headers
    /// In a compacted topic an empty value is a tombstone: the key is gone.
    public var value: [UInt8]

    /// Each parameter is the property of its name.
    public init(key: String, headers: Headers = [:], value: [UInt8]) {
        self.key = key
        self.headers = headers
        self.value = value
    }
}

/// Where a record is.
public struct LogPosition: Sendable, Hashable {
    /// From 0 on.
    public var partition: Int
    /// The place in the partition, from 0 on.
    public var offset: Int64

    /// Each parameter is the property of its name.
    public init(partition: Int, offset: Int64) {
        self.partition = partition
        self.offset = offset
    }
}

/// A record as it is read.
public struct StoredRecord: Sendable, Hashable {
    /// Where it is.
    public var position: LogPosition
    /// What was appended.
    public var record: LogRecord
    /// When it was appended, by the bus's wall clock.
    public var appendedAt: Timestamp

    /// Each parameter is the property of its name.
    public init(position: LogPosition, record: LogRecord, appendedAt: Timestamp) {
        self.position = position
        self.record = record
        self.appendedAt = appendedAt
    }
}

/// How a topic keeps its records.
public struct TopicOptions: Sendable, Hashable {
    /// At least 1; only the creation of a topic heeds it.
    public var partitions: Int
    /// Older records are deleted, some a while later; nil keeps them for ever.
    public var maximumAge: Duration?
    /// Bytes of keys, headers and values, of the whole topic.
    public var maximumBytes: Int?
    /// Keeps only the newest record of each key.
    public var isCompacted: Bool

    /// - Parameters:
    ///   - partitions: 1 unless given.
    ///   - maximumAge: 7 days unless given.
    ///   - maximumBytes: 1 GiB unless given; nil is without limit.
    ///   - isCompacted: false unless given.
    public init(
        partitions: Int = 1, maximumAge: Duration? = .seconds(7 * 86400), maximumBytes: Int? = 1 << 30,
        isCompacted: Bool = false
    ) {
        self.partitions = partitions
        self.maximumAge = maximumAge
        self.maximumBytes = maximumBytes
        self.isCompacted = isCompacted
    }
}

/// The records of one follower.
public typealias LogRecords = Batches<StoredRecord>
