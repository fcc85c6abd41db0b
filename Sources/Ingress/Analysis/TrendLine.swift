/// A straight line through a time series, and how far it can be believed.
///
/// The values of a host follow each other, so they say less than as many independent ones: standard errors are widened by
/// √((1 + ρ) / (1 − ρ)), with ρ the correlation of each residual with the one before it, from 0 to 0.99.
struct TrendLine: Sendable, Hashable {
    enum Method: Sendable {
        /// Least squares.
        case leastSquares
        /// The median of the slopes between all pairs of points (Theil 1950, Sen 1968): up to 29 % of them may be wild.
        case theilSen
    }

    /// Fewer points make no line.
    static let minimumPoints = 10
    /// 95 % of a normal distribution.
    static let width = 1.96

    let slopePerHour: Double
    /// At hour 0.
    let intercept: Double
    /// Of the slope.
    let standardError: Double
    /// Of the residuals: the error in the sample.
    let deviation: Double
    let points: Int

    private let meanHours: Double
    private let spread: Double
    private let widening: Double
    private let range: Double
    private let scale: Double

    /// Whether the slope is not just noise: it is more than two standard errors, and more than values of 32 bits round to.
    var isDistinguishable: Bool {
        abs(slopePerHour) > 2 * standardError && abs(slopePerHour) * range > 1e-5 * max(scale, 1e-3)
    }

    /// - Parameter points: in the order of time.
    /// - Returns: nil of fewer than `minimumPoints`, or of points of one time.
    init?(_ points: [SeriesPoint], _ method: Method) {
        guard points.count >= Self.minimumPoints, let first = points.first, let last = points.last else { return nil }
        let count = Double(points.count)
        let meanHours = points.reduce(0) { $0 + $1.hours } / count
        let meanValue = points.reduce(0) { $0 + $1.value } / count
        let spread = points.reduce(0) { $0 + ($1.hours - meanHours) * ($1.hours - meanHours) }
        guard spread > 0 else { return nil }
        switch method {
        case .leastSquares:
            slopePerHour = points.reduce(0) { $0 + ($1.hours - meanHours) * ($1.value - meanValue) } / spread
            intercept = meanValue - slopePerHour * meanHours
        case .theilSen:
            let slope = Self.slopes(points).median() ?? 0
            slopePerHour = slope
            intercept = points.map { $0.value - slope * $0.hours }.median() ?? meanValue
        }
        let residuals = points.map { [slopePerHour, intercept] in $0.value - slopePerHour * $0.hours - intercept }
        let squares = residuals.reduce(0) { $0 + $1 * $1 }
        let neighbours = zip(residuals, residuals.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
        let correlation = squares > 0 ? min(max(neighbours / squares, 0), 0.99) : 0
        deviation = (squares / (count - 2)).squareRoot()
        widening = ((1 + correlation) / (1 - correlation)).squareRoot()
        standardError = deviation * widening / spread.squareRoot()
        self.points = points.count
        self.meanHours = meanHours
        self.spread = spread
        range = last.hours - first.hours
        scale = points.reduce(0) { max($0, abs($1.value)) }
    }

    private static func slopes(_ points: [SeriesPoint]) -> [Double] {
        var slopes: [Double] = []
        slopes.reserveCapacity(points.count * (points.count - 1) / 2)
        for (index, left) in points.enumerated() {
            for right in points[(index + 1)...] where right.hours != left.hours {
                slopes.append((right.value - left.value) / (right.hours - left.hours))
            }
        }
        return slopes
    }

    func value(at hours: Double) -> Double { intercept + slopePerHour * hours }

    /// Half of the interval that a value at this hour is in with 95 %, if what was goes on: it grows with the distance
    /// from the data.
    func halfInterval(at hours: Double) -> Double {
        let distance = (hours - meanHours) * (hours - meanHours) / spread
        let ofLine = widening * widening * (1 / Double(points) + distance)
        return Self.width * deviation * (1 + ofLine).squareRoot()
    }
}
