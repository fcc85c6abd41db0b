/// A point of the wall clock in UTC, to the microsecond.
///
/// Its text forms hold the years 0000 to 9999; a point outside is written as the nearest one inside.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Microseconds since 1970-01-01T00:00:00Z, without leap seconds (POSIX time).
    public var microseconds: Int64

    /// - Parameter microseconds: Microseconds since 1970-01-01T00:00:00Z.
    public init(microseconds: Int64) { self.microseconds = microseconds }

    /// Whether the left point is earlier.
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

    /// The point a duration later, or earlier if it is negative; stops at the ends of the range.
    public func advanced(by duration: Duration) -> Timestamp {
        let (sum, overflow) = microseconds.addingReportingOverflow(duration.wholeMicroseconds)
        guard overflow else { return Timestamp(microseconds: sum) }
        return Timestamp(microseconds: duration < .zero ? .min : .max)
    }

    /// How long after another point this one is; negative if it is before.
    public func duration(since other: Timestamp) -> Duration {
        .microseconds(microseconds) - .microseconds(other.microseconds)
    }
}

extension Timestamp: CustomStringConvertible {
    /// As `rfc3339`.
    public var description: String { rfc3339 }
}

extension Duration {
    /// The duration in microseconds, cut towards zero; stops at the ends of `Int64`.
    var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        // 10^12 attoseconds are a microsecond.
        let (sum, sumOverflow) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        return sumOverflow ? (seconds < 0 ? .min : .max) : sum
    }
}
