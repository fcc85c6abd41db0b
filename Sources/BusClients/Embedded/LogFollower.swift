internal import Runtime
internal import SQLiteKit
internal import Synchronization

/// Reads every partition of a topic from its own offsets and waits at the end.
final class LogFollower: BatchSource {
    /// Records and bytes taken in one page.
    static let pageRecords = 2048
    static let pageBytes = 4 << 20

    private let topic: TopicRecord
    private let store: EmbeddedStore
    private let offsets: Mutex<[Int: Int64]>

    init(topic: TopicRecord, from offsets: [Int: Int64], store: EmbeddedStore) {
        self.topic = topic
        self.store = store
        self.offsets = Mutex(offsets)
    }

    func next() async throws(BusError) -> [StoredRecord]? {
        while !Task.isCancelled, !store.isClosing {
            let generation = topic.signal.generation
            let start = offsets.withLock { $0 }
            let records = try await BusError.mapping {
                try await store.database.read { [topic] connection in
                    try connection.records(
                        of: topic, partitions: Array(topic.partitions.indices), from: start)
                }
            }
            if !records.isEmpty {
                offsets.withLock { offsets in
                    for record in records { offsets[record.position.partition] = record.position.offset + 1 }
                }
                return records
            }
            await topic.signal.wait(past: generation)
        }
        return nil
    }
}

extension Connection {
    /// A page of the next records of some partitions, each partition's share in its order.
    func records(of topic: TopicRecord, partitions: [Int], from offsets: [Int: Int64]) throws -> [StoredRecord] {
        var records: [StoredRecord] = []
        var budget = LogFollower.pageBytes
        // A random first partition, so that a busy one does not keep the others from being read.
        let pivot = partitions.isEmpty ? 0 : Int.random(in: 0..<partitions.count)
        for partition in partitions[pivot...] + partitions[..<pivot] {
            let limit = LogFollower.pageRecords - records.count
            guard limit > 0, budget > 0 else { break }
            records += try self.records(
                of: topic, partition: partition, from: offsets[partition] ?? 0, limit: limit, budget: &budget)
        }
        return records
    }
}
