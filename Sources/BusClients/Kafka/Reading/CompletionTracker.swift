/// Tracks records that a worker handles concurrently, so that it commits no offset before everything below is done.
///
/// A value, for one consumer: tell it what `next()` gave in that order, and what is done in any order; commit
/// `committable`. Holds an entry for each record that is in hand or done above one that is.
public struct CompletionTracker: Sendable {
    private struct Partition {
        /// Begun records in order, from `head` on.
        var begun: [(offset: Int64, isDone: Bool)] = []
        var head = 0
        /// One more than the last record below which everything is done; nil when nothing is yet.
        var committable: Int64?

        var isEmpty: Bool { head == begun.count }

        mutating func begin(_ offset: Int64) {
            if let last = begun.last, !isEmpty, offset <= last.offset { restart(at: offset) }
            begun.append((offset, false))
        }

        /// The partition came again from an earlier offset: what is above is delivered a second time.
        private mutating func restart(at offset: Int64) {
            begun.removeSubrange(index(of: offset)...)
        }

        mutating func complete(_ offset: Int64) {
            let index = index(of: offset)
            guard index < begun.count, begun[index].offset == offset else { return }
            begun[index].isDone = true
            while head < begun.count, begun[head].isDone {
                committable = begun[head].offset + 1
                head += 1
            }
            if isEmpty {
                begun.removeAll(keepingCapacity: true)
                head = 0
            } else if head > 1024, head * 2 > begun.count {
                begun.removeFirst(head)
                head = 0
            }
        }

        /// The first record in hand at the offset or after it.
        private func index(of offset: Int64) -> Int {
            var low = head
            var high = begun.count
            while low < high {
                let middle = (low + high) / 2
                if begun[middle].offset < offset { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }

    private var partitions: [Int: Partition] = [:]

    /// Knows of no record.
    public init() {}

    /// The worker has taken a record; records of a partition in the order they came.
    public mutating func began(_ position: LogPosition) {
        partitions[position.partition, default: Partition()].begin(position.offset)
    }

    /// The worker is done with a record. Without effect for one that it does not have: its partition was lost.
    public mutating func completed(_ position: LogPosition) {
        partitions[position.partition]?.complete(position.offset)
    }

    /// By partition the offset to commit: everything before it is done. Without partitions of which nothing is.
    public var committable: [Int: Int64] { partitions.compactMapValues(\.committable) }

    /// How many records of all partitions are in hand.
    public var inHand: Int {
        partitions.values.reduce(0) { $0 + $1.begun[$1.head...].count { !$0.isDone } }
    }

    /// The partition is another member's now: what is in hand of it is forgotten.
    public mutating func lost(_ partition: Int) { partitions[partition] = nil }
}
