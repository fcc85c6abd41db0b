internal import Runtime

/// What a host's history of some hours says: how busy it was, where it was short of something, and where that goes.
struct PerformanceAnalysis: Sendable {
    /// Of one metric.
    struct Figures: Sendable {
        let metric: HostMetric
        let mean: Double
        /// Of the minutes' means, by nearest rank.
        let p50, p95, p99: Double
        /// Of single samples, and the minute of it; nil where rows have means alone.
        let maximum: (value: Double, at: Timestamp)?
        let samples: Int
        /// Minutes with a value.
        let minutes: Int
        /// The share of them whose mean reached `metric.warning`, in percent.
        let aboveWarningPercent: Double?
        let trend: TrendLine?
        /// The next hour's mean, with the interval it is in with 95 % if what was goes on; nil of too little.
        let nextHour: Prediction?
    }

    struct Prediction: Sendable, Hashable {
        let expected, low, high: Double
    }

    /// Something of which the host was short for a tenth of the time or more.
    struct Bottleneck: Sendable {
        let figures: Figures
        let threshold: Double
        let sharePercent: Double

        var isSevere: Bool { sharePercent >= 50 }
    }

    /// Minutes that must be known for a prediction.
    static let minutesForPrediction = 120
    /// The share of time above its warning from which on a metric is a bottleneck, and the least of minutes.
    static let bottleneckPercent = 10.0
    static let bottleneckMinutes = 5

    let host: String
    let start: Timestamp
    let end: Timestamp
    /// Of what is called minutes here: more where minutes are not kept for so long.
    let resolutionSeconds: Int64
    let figures: [Figures]
    /// The names of the metrics without a value.
    let notMeasured: [String]

    init(_ range: MetricsRange) {
        host = range.query.host
        start = range.query.start
        end = range.query.end
        resolutionSeconds = range.step
        figures = zip(range.query.metrics, range.series).compactMap { place, series in
            Figures(HostMetric.all[place], series, range)
        }
        let measured = Set(figures.map(\.metric.name))
        notMeasured = range.query.metrics.map { HostMetric.all[$0].name }.filter { !measured.contains($0) }
    }

    /// The worst first.
    var bottlenecks: [Bottleneck] {
        figures.compactMap { figures in
            guard let threshold = figures.metric.warning, let share = figures.aboveWarningPercent,
                share >= Self.bottleneckPercent,
                (share * Double(figures.minutes) / 100).rounded() >= Double(Self.bottleneckMinutes)
            else { return nil }
            return Bottleneck(figures: figures, threshold: threshold, sharePercent: share)
        }.sorted { $0.sharePercent > $1.sharePercent }
    }
}

extension PerformanceAnalysis.Figures {
    /// Nil without a value.
    fileprivate init?(_ metric: HostMetric, _ series: [MetricSums], _ range: MetricsRange) {
        var total = MetricSums.none
        var points: [SeriesPoint] = []
        var maximum: (value: Double, at: Timestamp)?
        for (sums, time) in zip(series, range.times) {
            guard let mean = sums.mean else { continue }
            total.add(sums)
            let hours = (Double(time - range.first * range.step) + Double(range.step) / 2) / 3600
            points.append(SeriesPoint(hours: hours, value: Double(mean)))
            if sums.maximum.isFinite, Double(sums.maximum) > maximum?.value ?? -.infinity {
                maximum = (Double(sums.maximum), Timestamp(microseconds: time * 1_000_000))
            }
        }
        let sorted = points.map(\.value).sorted()
        guard let mean = total.mean, let p50 = sorted.quantile(0.5), let p95 = sorted.quantile(0.95),
            let p99 = sorted.quantile(0.99)
        else { return nil }
        self.metric = metric
        self.mean = Double(mean)
        self.p50 = p50
        self.p95 = p95
        self.p99 = p99
        self.maximum = maximum
        samples = Int(total.count)
        minutes = points.count
        aboveWarningPercent = metric.warning.map { warning in
            100 * Double(sorted.count { $0 >= warning }) / Double(sorted.count)
        }
        trend = TrendLine(points, .leastSquares)
        let now = Double(range.query.end.microseconds / 1_000_000 - range.first * range.step) / 3600
        nextHour = Self.prediction(metric, trend, sorted, at: now + 0.5)
    }

    private static func prediction(
        _ metric: HostMetric, _ trend: TrendLine?, _ values: [Double], at hours: Double
    ) -> PerformanceAnalysis.Prediction? {
        guard let trend, values.count >= PerformanceAnalysis.minutesForPrediction else { return nil }
        // A slope that may be noise is none.
        let mean = values.reduce(0, +) / Double(values.count)
        let expected = trend.isDistinguishable ? trend.value(at: hours) : mean
        let half = trend.halfInterval(at: hours)
        return PerformanceAnalysis.Prediction(
            expected: metric.bounded(expected), low: metric.bounded(expected - half),
            high: metric.bounded(expected + half))
    }
}

extension HostMetric {
    /// A calculated value, within what the metric can be.
    func bounded(_ value: Double) -> Double {
        switch unit {
        case .percent: min(max(value, 0), 100)
        case .celsius: value
        case .bytes, .bytesPerSecond, .tasks: max(value, 0)
        }
    }
}
