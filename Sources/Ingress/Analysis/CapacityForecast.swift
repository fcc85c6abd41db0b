internal import Runtime

/// Where a share of something that can run out goes, from what it was by the hour.
///
/// The line is Theil and Sen's through at most `maximumPoints` means of equal stretches of whole hours, so that single
/// peaks and the odd wrong value do not bend it. A slope that may be noise counts as none. Intervals hold if what was
/// goes on; they know nothing of what has not happened yet.
struct CapacityForecast: Sendable {
    /// How much of the measured growth goes on; a decrease goes on as it is in each.
    enum Scenario: String, Sendable, CaseIterable {
        case conservative, moderate, aggressive

        var growthFactor: Double {
            switch self {
            case .conservative: 0.5
            case .moderate: 1
            case .aggressive: 1.5
            }
        }
    }

    enum Confidence: String, Sendable, CaseIterable { case low, medium, high }

    struct Point: Sendable, Hashable {
        let day: Double
        let expected, low, high: Double
    }

    /// When a threshold is reached: with the upper end of the growth's interval, with the growth, with its lower end;
    /// nil where that is after the forecast.
    struct Reach: Sendable, Hashable {
        let earliest: Timestamp
        let expected: Timestamp?
        let latest: Timestamp?
    }

    struct Outcome: Sendable {
        let scenario: Scenario
        /// Percentage points.
        let growthPerDay: Double
        /// At each quarter of the time.
        let points: [Point]
        let reaches: [(threshold: Double, reach: Reach?)]
    }

    /// Hours of data that there must be.
    static let minimumHours = 24
    /// Days of history that are looked at.
    static let historyDays = 90
    /// Their pairs are 64,620.
    static let maximumPoints = 360
    static let thresholds = [90.0, 100.0]

    let metric: HostMetric
    /// Hours with a value.
    let hours: Int
    let samples: Int
    let from: Timestamp?
    let to: Timestamp?
    /// Nil of too little data.
    let line: TrendLine?
    let forecastDays: Int
    private let now: Timestamp
    private let origin: Timestamp
    private let middle: Double

    /// - Parameter range: of hours; `column` is the metric's in it.
    init(_ range: MetricsRange, column: Int, days: Int) {
        metric = HostMetric.all[range.query.metrics[column]]
        forecastDays = days
        now = range.query.end
        let known = zip(range.times, range.series[column]).filter { $0.1.count > 0 }
        hours = known.count
        samples = Int(known.reduce(0) { $0 + $1.1.count })
        from = known.first.map { Timestamp(microseconds: $0.0 * 1_000_000) }
        to = known.last.map { Timestamp(microseconds: ($0.0 + range.step) * 1_000_000) }
        origin = from ?? range.query.start
        let points = Self.points(known, step: range.step)
        line = known.count >= Self.minimumHours ? TrendLine(points, .theilSen) : nil
        middle = points.map(\.value).median() ?? 0
    }

    /// The means of equal stretches of whole hours.
    private static func points(_ known: [(Int64, MetricSums)], step: Int64) -> [SeriesPoint] {
        guard let first = known.first?.0, let last = known.last?.0 else { return [] }
        let hours = (last - first) / step + 1
        let stretch = (hours + Int64(maximumPoints) - 1) / Int64(maximumPoints)
        var sums: [Int64: MetricSums] = [:]
        for (time, hour) in known { sums[(time - first) / step / stretch, default: .none].add(hour) }
        let length = Double(stretch * step) / 3600
        return sums.sorted { $0.key < $1.key }.compactMap { number, sums in
            sums.mean.map { SeriesPoint(hours: (Double(number) + 0.5) * length, value: Double($0)) }
        }
    }

    /// From the first to the last hour with a value.
    var dataHours: Double {
        guard let from, let to else { return 0 }
        return Double(to.microseconds - from.microseconds) / 3_600_000_000
    }

    /// `high` for two weeks of data or more and a forecast that is no longer than they; `medium` for three days or more
    /// and a forecast of at most ten times as long; else `low`.
    var confidence: Confidence {
        let days = dataHours / 24
        if days >= 14, Double(forecastDays) <= days { return .high }
        return days >= 3 && Double(forecastDays) <= 10 * days ? .medium : .low
    }

    /// Nil of too little data.
    func outcome(_ scenario: Scenario) -> Outcome? {
        guard let line else { return nil }
        let slope = line.isDistinguishable ? line.slopePerHour : 0
        let factor = slope > 0 ? scenario.growthFactor : 1
        let current = line.isDistinguishable ? line.value(at: hoursUntilNow) : middle
        let points = (1...4).map { quarter in
            let day = Double(forecastDays) * Double(quarter) / 4
            let expected = current + slope * factor * day * 24
            let half = line.halfInterval(at: hoursUntilNow + day * 24)
            return Point(
                day: day, expected: metric.bounded(expected), low: metric.bounded(expected - half),
                high: metric.bounded(expected + half))
        }
        let reaches = Self.thresholds.map { threshold in
            (threshold, reach(threshold, from: current, slope * factor, TrendLine.width * line.standardError * factor))
        }
        return Outcome(scenario: scenario, growthPerDay: slope * factor * 24, points: points, reaches: reaches)
    }

    private var hoursUntilNow: Double { now.duration(since: origin) / .seconds(3600) }

    private func reach(_ threshold: Double, from current: Double, _ slope: Double, _ half: Double) -> Reach? {
        if current >= threshold { return Reach(earliest: now, expected: now, latest: now) }
        guard slope > 0, let earliest = time(of: threshold - current, at: slope + half) else { return nil }
        return Reach(
            earliest: earliest, expected: time(of: threshold - current, at: slope),
            latest: time(of: threshold - current, at: slope - half))
    }

    /// When so much is grown; nil after the forecast.
    private func time(of growth: Double, at slope: Double) -> Timestamp? {
        guard slope > 0, growth / slope <= Double(forecastDays) * 24 else { return nil }
        return now.advanced(by: .microseconds(Int64(growth / slope * 3_600_000_000)))
    }
}
