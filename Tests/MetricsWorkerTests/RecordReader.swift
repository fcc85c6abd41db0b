import BusClients

/// Hands out the records of a follower one by one.
actor RecordReader {
    private var iterator: LogRecords.Iterator
    private var waiting: [StoredRecord] = []

    init(_ records: LogRecords) { iterator = records.makeAsyncIterator() }

    func next() async throws -> StoredRecord {
        while waiting.isEmpty {
            var copy = iterator
            guard let batch = try await copy.next(isolation: self) else { throw BusError(.closed, "no more records") }
            waiting = batch
        }
        return waiting.removeFirst()
    }
}
