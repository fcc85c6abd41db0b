/// The partitions that a group member has, and what of them it handed out: the pure part of `KafkaGroupMember`.
struct GroupAssignment {
    /// The offsets handed out since the partition was assigned.
    private struct Progress {
        var first: Int64
        var next: Int64
    }

    private var partitions: [Int: Progress?] = [:]

    var numbers: Set<Int> { Set(partitions.keys) }

    mutating func assign(_ new: some Sequence<Int>) {
        for partition in new { partitions.updateValue(nil, forKey: partition) }
    }

    mutating func revoke(_ lost: some Sequence<Int>) {
        for partition in lost { partitions.removeValue(forKey: partition) }
    }

    mutating func revokeAll() { partitions = [:] }

    /// Notes that records are handed out, and drops those whose partition is not this member's any more.
    mutating func handOut(_ records: inout [StoredRecord]) {
        var index = 0
        var isLost = false
        // Records come in runs of one partition: one look-up for each.
        while index < records.count {
            let partition = records[index].position.partition
            let known = partitions[partition]
            var progress = known ?? nil
            while index < records.count, records[index].position.partition == partition {
                let offset = records[index].position.offset
                progress = Progress(
                    first: min(progress?.first ?? offset, offset), next: max(progress?.next ?? 0, offset + 1))
                index += 1
            }
            if known != nil { partitions.updateValue(progress, forKey: partition) } else { isLost = true }
        }
        if isLost { records.removeAll { partitions[$0.position.partition] == nil } }
    }

    /// Whether this member may commit these offsets.
    ///
    /// Not those of a partition that it lost, even if it has it again: between, another member may have committed
    /// further. What it was handed since is known, so an offset outside of that is from before.
    func mayCommit(_ offsets: [Int: Int64]) -> Bool {
        offsets.allSatisfy { partition, offset in
            guard let known = partitions[partition], let progress = known else { return false }
            return (progress.first...progress.next).contains(offset)
        }
    }
}
