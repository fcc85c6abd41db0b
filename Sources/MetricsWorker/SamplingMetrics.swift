import Runtime

/// What the sampler tells about itself, its own cost included.
struct SamplingMetrics: Sendable {
    /// From 20 µs: a sample takes some 100 µs.
    private static let buckets = [
        0.000_02, 0.000_05, 0.000_1, 0.000_2, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1,
    ]

    /// Wall time of a sample.
    let duration: Histogram.Handle
    /// Processor time of samples.
    let processorTime: Counter.Handle
    let samples: Counter.Handle
    /// Deadlines that passed without a sample.
    let missed: Counter.Handle
    let dropped: Counter.Handle
    let appendFailures: Counter.Handle
    let unsent: Gauge.Handle
    /// Sources that could not be read in the last sample.
    let problems: Gauge.Handle

    init(_ registry: MetricsRegistry) {
        duration = registry.histogram(
            "flotilla_metrics_sample_seconds", help: "Time to take one sample of the host.", buckets: Self.buckets
        ).labelled([])
        processorTime = registry.counter(
            "flotilla_metrics_sample_cpu_seconds_total", help: "Processor time spent on samples of the host."
        ).labelled([])
        samples = registry.counter("flotilla_metrics_samples_total", help: "Samples taken of the host.").labelled([])
        missed = registry.counter(
            "flotilla_metrics_samples_missed_total", help: "Samples that were due and not taken in time."
        ).labelled([])
        dropped = registry.counter(
            "flotilla_metrics_samples_dropped_total", help: "Samples dropped because the bus took none for too long."
        ).labelled([])
        appendFailures = registry.counter(
            "flotilla_metrics_append_failures_total", help: "Failed attempts to put samples on the bus."
        ).labelled([])
        unsent = registry.gauge(
            "flotilla_metrics_unsent_samples", help: "Samples that wait for the bus."
        ).labelled([])
        problems = registry.gauge(
            "flotilla_metrics_unreadable_sources", help: "Sources that the last sample could not read."
        ).labelled([])
    }
}
