/// Which messages the last offsets of a history held, as a subscription has seen them.
///
/// A stream of one node that was killed may have lost its last events although they were delivered: it confirms without
/// flushing them to the disk. Their offsets are given out again then, to other events, which must not be taken for what
/// was seen.
struct OffsetMemory {
    enum Verdict {
        /// The same message was seen at this offset, or what was is too long ago to be known.
        case seen
        /// Another message was seen at this offset.
        case reused
    }

    /// How many offsets are remembered.
    static let capacity: Int64 = 4096

    /// By offset, modulo the capacity.
    private var digests = [UInt64](repeating: 0, count: Int(capacity))
    /// What is remembered.
    private var range: Range<Int64> = 0..<0

    /// Notes what is at an offset; everything from there on is forgotten.
    mutating func add(_ offset: Int64, _ id: MessageID) {
        let isNext = range.contains(offset) || offset == range.upperBound
        let first = isNext ? max(range.lowerBound, offset + 1 - Self.capacity) : offset
        range = first..<offset + 1
        digests[Int(offset % Self.capacity)] = Digest.of(id.rawValue.utf8)
    }

    /// What to think of a message at an offset that was passed before.
    func verdict(_ offset: Int64, _ id: MessageID) -> Verdict {
        guard range.contains(offset) else { return .seen }
        return digests[Int(offset % Self.capacity)] == Digest.of(id.rawValue.utf8) ? .seen : .reused
    }
}
