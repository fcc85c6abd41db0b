import BusClients

/// Commits what a member of a group has handled, once a second and at the end.
struct SecondlyCommit {
    private let consumer: any LogConsumer
    private var offsets: [Int: Int64] = [:]
    private var due = ContinuousClock.now + .seconds(1)

    init(_ consumer: any LogConsumer) { self.consumer = consumer }

    /// The records, in order per partition, are handled.
    mutating func handled(_ records: [StoredRecord]) async throws {
        for (index, record) in records.enumerated()
        where index + 1 == records.count || records[index + 1].position.partition != record.position.partition {
            offsets[record.position.partition] = record.position.offset + 1
        }
        if ContinuousClock.now >= due { try await commit() }
    }

    mutating func commit() async throws {
        if !offsets.isEmpty { try await consumer.commit(offsets) }
        offsets = [:]
        due = ContinuousClock.now + .seconds(1)
    }
}
