/// Processors by number, as the kernel lists them: `0-3,8` (kernel documentation, admin-guide/cputopology).
package struct CPUList: Sendable, Hashable {
    /// Ascending, with a gap between each two.
    package private(set) var ranges: [ClosedRange<Int>] = []

    /// - Parameter numbers: ascending; a number that is not above the one before is left out.
    package init(_ numbers: some Sequence<Int>) {
        for number in numbers where number > (ranges.last?.upperBound ?? -1) { append(number...number) }
    }

    /// Reads the rest of a line. Nil for what is no list, and for an empty one, which limits nothing.
    init?(_ line: inout ByteCursor) {
        line.skipSpaces()
        repeat {
            guard let first = line.digits().flatMap({ Int(exactly: $0) }), first > (ranges.last?.upperBound ?? -1)
            else { return nil }
            var last = first
            if line.skip("-") {
                guard let end = line.digits().flatMap({ Int(exactly: $0) }), end >= first else { return nil }
                last = end
            }
            // Beyond every kernel; a number near the largest one would overflow.
            guard last <= Int(Int32.max) else { return nil }
            append(first...last)
        } while line.skip(",")
        line.skipSpaces()
        guard line.isAtEnd else { return nil }
    }

    package var count: Int { ranges.reduce(0) { $0 + $1.count } }

    package var isEmpty: Bool { ranges.isEmpty }

    /// How many processors stand in both lists.
    package func count(alsoIn other: CPUList) -> Int {
        var places = (0, 0)
        var count = 0
        while places.0 < ranges.count, places.1 < other.ranges.count {
            let (one, two) = (ranges[places.0], other.ranges[places.1])
            if one.overlaps(two) { count += one.clamped(to: two).count }
            if one.upperBound < two.upperBound { places.0 += 1 } else { places.1 += 1 }
        }
        return count
    }

    package var numbers: some Sequence<Int> { ranges.lazy.joined() }

    /// As the kernel writes it.
    package var text: String {
        ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
    }

    private mutating func append(_ range: ClosedRange<Int>) {
        if let last = ranges.last, last.upperBound + 1 == range.lowerBound {
            ranges[ranges.count - 1] = last.lowerBound...range.upperBound
        } else {
            ranges.append(range)
        }
    }
}
