import BusClients

/// Commits what a member of a group has handled, once a second and at the end.
struct SecondlyCommit {
    private let consumer: any LogConsumer
    private var offsets: [Int: Int64] = [:]
    private var due = ContinuousClock.now + .seconds(1)

    init(_ consumer: any LogConsumer) { self.consumer = consumer }

    /// The records, in order per partition, are handled.
    mutating func handled(_ records: [StoredRecord]) async throws {
        for record in records { offsets[record.position.partition] = record.position.offset + 1 }
        if ContinuousClock.now >= due { try await commit() }
    }

    mutating func commit() async throws {
        if !offsets.isEmpty { try await consumer.commit(offsets) }
        offsets = [:]
        due = ContinuousClock.now + .seconds(1)
    }
}
