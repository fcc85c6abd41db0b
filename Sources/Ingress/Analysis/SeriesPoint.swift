/// A value of a time series.
struct SeriesPoint: Sendable, Hashable {
    /// Since the beginning of the series.
    var hours: Double
    var value: Double
}

extension [Double] {
    /// The value that a share of the values does not exceed (nearest rank); nil of nothing. The values must be sorted.
    func quantile(_ share: Double) -> Double? {
        guard !isEmpty else { return nil }
        return self[Swift.min(Swift.max(Int((share * Double(count)).rounded(.up)) - 1, 0), count - 1)]
    }

    /// The middle one, or the mean of the two in the middle; nil of nothing.
    func median() -> Double? {
        guard !isEmpty else { return nil }
        let sorted = sorted()
        let middle = count / 2
        return count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
