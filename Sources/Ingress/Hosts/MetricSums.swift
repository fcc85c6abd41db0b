/// What is kept of one metric's values over a time: how many there were, their sum, the least, the most and the last.
///
/// Values are rounded to 32 bits when they come, 7 digits of them: the sum is not, so a mean is as good as its values.
struct MetricSums: Sendable, Hashable {
    /// Known values; of none, nothing else means anything.
    var count: Int64
    var sum: Double
    /// NaN when some of the values are from rows that kept their sum alone; so are `maximum` and `last`.
    var minimum: Float
    var maximum: Float
    var last: Float
    /// When the last value was measured, in microseconds since 1970.
    var lastAt: Int64

    static let none = MetricSums(count: 0, sum: 0, minimum: .nan, maximum: .nan, last: .nan, lastAt: 0)

    var mean: Float? { count > 0 ? Float(sum / Double(count)) : nil }
}

extension MetricSums {
    /// Of one value; none of what no 32 bits hold.
    init(_ value: Double?, at time: Int64) {
        guard let value, case let value = Float(value), value.isFinite else {
            self = .none
            return
        }
        self.init(count: 1, sum: Double(value), minimum: value, maximum: value, last: value, lastAt: time)
    }

    /// Whether all values were the same.
    var isConstant: Bool {
        minimum == maximum && last == minimum && sum == Double(minimum) * Double(count)
    }

    /// In whatever order sums are added, the result is the same, but for the rounding of `sum`.
    mutating func add(_ other: MetricSums) {
        guard other.count > 0 else { return }
        guard count > 0 else {
            self = other
            return
        }
        count += other.count
        sum += other.sum
        minimum = minimum.isNaN || other.minimum.isNaN ? .nan : min(minimum, other.minimum)
        maximum = maximum.isNaN || other.maximum.isNaN ? .nan : max(maximum, other.maximum)
        if other.lastAt >= lastAt {
            last = other.last
            lastAt = other.lastAt
        }
    }
}
