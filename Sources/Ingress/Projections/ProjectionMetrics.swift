internal import Runtime

/// What the projections tell about themselves.
struct ProjectionMetrics: Sendable {
    private static let labels = ["projection", "source"]

    private let records: Counter
    private let poisonRecords: Counter
    private let lag: Gauge
    private let lastProgress: Gauge

    init(_ registry: MetricsRegistry) {
        records = registry.counter(
            "flotilla_projection_records_total", help: "Records applied to views.", labels: Self.labels)
        poisonRecords = registry.counter(
            "flotilla_projection_poison_records_total", help: "Records that could not be applied and were skipped.",
            labels: Self.labels)
        lag = registry.gauge(
            "flotilla_projection_lag_records", help: "Records between the view and the end of its log.",
            labels: Self.labels)
        lastProgress = registry.gauge(
            "flotilla_projection_last_progress_timestamp_seconds", help: "When a record was last applied.",
            labels: Self.labels)
    }

    func series(projection: String, source: String) -> Series {
        Series(metrics: self, labels: [projection, source])
    }

    /// The metrics of one source of one projection.
    struct Series: Sendable {
        fileprivate let metrics: ProjectionMetrics
        fileprivate let labels: [String]

        func applied(_ count: Int, at now: Timestamp) {
            metrics.records.increment(by: Double(count), labels)
            metrics.lastProgress.set(Double(now.microseconds) / 1_000_000, labels)
        }

        func poison() { metrics.poisonRecords.increment(by: 1, labels) }

        func lag(_ records: Int64) { metrics.lag.set(Double(records), labels) }
    }
}
