import Contracts
import Runtime

/// Which request ids the tail of the command topic holds, and where.
///
/// Keeps the last `window` records of each partition, as 128-bit digests under this process's random hash seed, so that
/// memory is bounded at about 1 MB a partition and nobody can choose ids that collide.
struct ProducedIndex {
    /// Records of a partition that are remembered.
    static let window: Int64 = 16_384

    /// Where a command is, and when it got there.
    struct Entry: Equatable {
        var offset: Int64
        var at: Timestamp

        /// Whether the record can be the command's: a client may use an id again once its status is forgotten.
        func mayBe(_ envelope: CommandEnvelope) -> Bool { !isForgotten(at: envelope.acceptedAt) }

        func isForgotten(at time: Timestamp) -> Bool { at.advanced(by: CommandQueue.statusAge) < time }
    }

    /// What a reader found: the request id of a record, nil when it is not a command of ours.
    struct Found {
        var offset: Int64
        var requestID: String?
        var at: Timestamp
    }

    private struct Digest: Hashable {
        let low: Int
        let high: Int

        init(_ text: String) {
            low = text.hashValue
            var hasher = Hasher()
            hasher.combine(0x9e37_79b9 as UInt32)
            hasher.combine(text)
            high = hasher.finalize()
        }
    }

    private struct Partition {
        var entries: [Digest: Entry] = [:]
        /// The remembered commands in the order of their offsets, from `head` on.
        var order: [(digest: Digest, offset: Int64)] = []
        var head = 0
        /// The offsets that were seen without a gap.
        var covered: Range<Int64>

        mutating func insert(_ id: String, _ entry: Entry) {
            let digest = Digest(id)
            // The first record of an id is the command; a later one would be a duplicate, unless the id was used again.
            if let known = entries[digest], !known.isForgotten(at: entry.at) { return }
            entries[digest] = entry
            order.append((digest, entry.offset))
        }

        mutating func forget(below offset: Int64) {
            while head < order.count, order[head].offset < offset {
                let old = order[head]
                if entries[old.digest]?.offset == old.offset { entries[old.digest] = nil }
                head += 1
            }
            if head > 4096, head * 2 > order.count {
                order.removeFirst(head)
                head = 0
            }
            let lower = Swift.max(covered.lowerBound, offset)
            covered = lower..<Swift.max(lower, covered.upperBound)
        }
    }

    private var partitions: [Int: Partition] = [:]

    /// The offsets that must be read and given to `load` before `find` knows the tail of a partition.
    /// - Parameter retained: The partition's offsets now.
    func missing(in partition: Int, retained: Range<Int64>) -> Range<Int64> {
        let start = max(retained.lowerBound, retained.upperBound - Self.window)
        guard let known = partitions[partition]?.covered, known.upperBound >= start else {
            return start..<retained.upperBound
        }
        return min(known.upperBound, retained.upperBound)..<retained.upperBound
    }

    /// Takes what a range holds; records in the order of their offsets. The range follows what is known, or replaces it.
    mutating func load(_ range: Range<Int64>, of partition: Int, _ records: some Sequence<Found>) {
        var state = partitions[partition] ?? Partition(covered: range.lowerBound..<range.lowerBound)
        if range.lowerBound != state.covered.upperBound {
            state = Partition(covered: range.lowerBound..<range.lowerBound)
        }
        for record in records {
            if let id = record.requestID { state.insert(id, Entry(offset: record.offset, at: record.at)) }
        }
        state.covered = state.covered.lowerBound..<range.upperBound
        state.forget(below: range.upperBound - Self.window)
        partitions[partition] = state
    }

    /// Takes a command that this pusher appended itself.
    mutating func remember(_ id: String, partition: Int, _ entry: Entry) {
        // Unknown so far: the look-up that needs it reads the tail, this record with it.
        guard var state = partitions[partition], state.covered.upperBound == entry.offset else { return }
        partitions[partition] = nil
        state.insert(id, entry)
        state.covered = state.covered.lowerBound..<(entry.offset + 1)
        state.forget(below: entry.offset + 1 - Self.window)
        partitions[partition] = state
    }

    /// Drops what the topic does not hold any more.
    mutating func forget(below offset: Int64, in partition: Int) { partitions[partition]?.forget(below: offset) }

    /// Where the command is, as far as the known tail tells.
    func find(_ id: String, in partition: Int) -> Entry? { partitions[partition]?.entries[Digest(id)] }

    /// The first offset that the index knows of a partition; below it only reading tells.
    func start(of partition: Int) -> Int64? { partitions[partition]?.covered.lowerBound }
}
