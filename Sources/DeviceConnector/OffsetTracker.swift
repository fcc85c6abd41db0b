/// Which records of each partition are settled, and so how far may be committed.
struct OffsetTracker {
    private struct Partition {
        /// Taken, not settled.
        var open: Set<Int64> = []
        /// One more than the last that was taken.
        var next: Int64
        /// What was committed last.
        var committed: Int64?

        var reached: Int64 { open.min() ?? next }
    }

    private var partitions: [Int: Partition] = [:]

    /// Takes a record; false when it was taken before.
    mutating func take(_ offset: Int64, of partition: Int) -> Bool {
        guard offset >= partitions[partition]?.next ?? 0 else { return false }
        partitions[partition, default: Partition(next: offset)].open.insert(offset)
        partitions[partition]?.next = offset + 1
        return true
    }

    /// What became of a record is durable. Of a partition that was forgotten nothing is kept.
    mutating func settle(_ offset: Int64, of partition: Int) { partitions[partition]?.open.remove(offset) }

    /// What may be committed and was not: everything before it is settled.
    var due: [Int: Int64] {
        partitions.compactMapValues { $0.reached == $0.committed ?? -1 ? nil : $0.reached }
    }

    mutating func committed(_ offsets: [Int: Int64]) {
        for (partition, offset) in offsets { partitions[partition]?.committed = offset }
    }

    /// Forgets the partitions that another member has now, so that they are taken from its commits on.
    mutating func keep(_ assigned: Set<Int>) { partitions = partitions.filter { assigned.contains($0.key) } }
}
