import BusClients
import Runtime
import Synchronization

/// A log that fails as a test says and hands what is appended to it.
final class StubLog: MessageLog {
    private let failure = Mutex<BusError?>(nil)
    private let creations = Mutex(0)
    /// Every attempt to append, failed or not.
    let attempts: AsyncStream<[LogRecord]>
    private let attempted: AsyncStream<[LogRecord]>.Continuation
    /// What was appended.
    let appends: AsyncStream<[LogRecord]>
    private let appended: AsyncStream<[LogRecord]>.Continuation

    init(failing error: BusError? = nil) {
        (attempts, attempted) = AsyncStream.makeStream()
        (appends, appended) = AsyncStream.makeStream()
        failure.withLock { $0 = error }
    }

    let features = MessageLogFeatures(appendsAllOrNone: true, compactsSoon: true)
    let connection = ConnectionHealth(
        transport: .embedded, state: .connected, since: Timestamp(microseconds: 1_790_000_000_000_000))

    var createdTopics: Int { creations.withLock { $0 } }

    func fail(_ error: BusError?) { failure.withLock { $0 = error } }

    func createTopic(_ topic: Topic, _ options: TopicOptions) async throws(BusError) {
        creations.withLock { $0 += 1 }
        failure.withLock { if $0?.code == .unknownTopic { $0 = nil } }
    }

    func append(_ records: [LogRecord], to topic: Topic) async throws(BusError) -> [LogPosition] {
        attempted.yield(records)
        if let error = failure.withLock({ $0 }) { throw error }
        appended.yield(records)
        return records.indices.map { LogPosition(partition: 0, offset: Int64($0)) }
    }

    func consume(_ topic: Topic, group: ConsumerGroup) async throws(BusError) -> any LogConsumer { throw unsupported }

    func follow(_ topic: Topic, from offsets: [Int: Int64]) async throws(BusError) -> LogRecords { throw unsupported }

    func read(
        _ topic: Topic, partition: Int, from offset: Int64, limit: Int
    ) async throws(BusError) -> [StoredRecord] { throw unsupported }

    func offsets(of topic: Topic) async throws(BusError) -> [Range<Int64>] { throw unsupported }

    func partition(of key: String, in topic: Topic) async throws(BusError) -> Int { throw unsupported }

    func committedOffsets(of group: ConsumerGroup, in topic: Topic) async throws(BusError) -> [Int: Int64] {
        throw unsupported
    }

    private var unsupported: BusError { BusError(.unsupported, "stub") }
}
