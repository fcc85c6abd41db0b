import BusClients
import Synchronization

/// A message log whose appends fail on order: before they happen, or after.
final class FaultyLog: MessageLog {
    /// What happens to one append.
    enum Fault: Sendable {
        case before(BusError.Code)
        /// The records are there all the same.
        case after(BusError.Code)
    }

    private let base: any MessageLog
    private let faults: Mutex<[Topic: [Fault]]>
    private let largest: Int

    /// - Parameter faults: for each topic, those of its next appends in order.
    init(_ base: any MessageLog, faults: [Topic: [Fault]] = [:], largest: Int = .max) {
        self.base = base
        self.faults = Mutex(faults)
        self.largest = largest
    }

    var features: MessageLogFeatures { base.features }
    var connection: ConnectionHealth { base.connection }

    var isExhausted: Bool { faults.withLock { $0.values.allSatisfy(\.isEmpty) } }

    func append(_ records: [LogRecord], to topic: Topic) async throws(BusError) -> [LogPosition] {
        if records.contains(where: { $0.value.count > largest }) { throw BusError(.messageTooLarge, "too large") }
        let fault = faults.withLock { faults -> Fault? in
            faults[topic]?.isEmpty == false ? faults[topic]?.removeFirst() : nil
        }
        switch fault {
        case .before(let code): throw BusError(code, "ordered")
        case .after(let code):
            _ = try await base.append(records, to: topic)
            throw BusError(code, "ordered")
        case nil: return try await base.append(records, to: topic)
        }
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
