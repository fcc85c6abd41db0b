extension Sequence<Double?> {
    /// The sum of what is known; nil when nothing is.
    var sumOfKnown: Double? {
        var sum: Double?
        for case let value? in self { sum = (sum ?? 0) + value }
        return sum
    }
}
