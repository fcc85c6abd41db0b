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

    /// Notes that a record is handed out; false when its partition is not this member's any more.
    mutating func handOut(_ position: LogPosition) -> Bool {
        guard let progress = partitions[position.partition] else { return false }
        let next = position.offset + 1
        let new = Progress(
            first: min(progress?.first ?? position.offset, position.offset), next: max(progress?.next ?? next, next))
        partitions.updateValue(new, forKey: position.partition)
        return true
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
