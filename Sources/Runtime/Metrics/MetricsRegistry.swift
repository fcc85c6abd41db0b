import Synchronization

/// The figures of this process, rendered as Prometheus text.
///
/// Safe to use from any thread; an update is one atomic operation or one short lock. Names and labels are set by the
/// program: characters that Prometheus does not allow become `_`.
package final class MetricsRegistry: Sendable {
    private let state = Mutex(State())

    private struct State {
        var families: [String: any MetricFamilyRendering] = [:]
        var samplers: [@Sendable () -> Void] = []
        var conflicts = 0
    }

    package init() {}

    /// A figure that only grows. The same name again gives the same family.
    /// - Parameter maximumSeries: How many combinations of label values are kept apart; all beyond are counted in one
    ///   series whose every label is `other`.
    package func counter(
        _ name: String, help: String, labels: [String] = [], maximumSeries: Int = 1000
    ) -> Counter {
        Counter(
            family: family(
                MetricHeader(name: name, help: help, kind: .counter, labels: labels), maximumSeries
            ) { AtomicDouble(0) })
    }

    /// A figure that goes up and down; a series that was never set is not shown.
    package func gauge(_ name: String, help: String, labels: [String] = [], maximumSeries: Int = 1000) -> Gauge {
        Gauge(
            family: family(
                MetricHeader(name: name, help: help, kind: .gauge, labels: labels), maximumSeries
            ) { AtomicDouble() })
    }

    /// Observations sorted into buckets.
    /// - Parameter buckets: Upper bounds, in the unit of the observations; the bucket without a bound is added.
    package func histogram(
        _ name: String, help: String, labels: [String] = [], buckets: [Double] = Histogram.defaultBuckets,
        maximumSeries: Int = 1000
    ) -> Histogram {
        let bounds = Array(Set(buckets.filter { $0.isFinite })).sorted()
        return Histogram(
            family: family(
                MetricHeader(name: name, help: help, kind: .histogram, labels: labels), maximumSeries
            ) { HistogramSeries(bounds: bounds) })
    }

    /// Calls the closure before each rendering, so that it can set gauges; on the thread of `render`.
    package func beforeRender(_ sample: @escaping @Sendable () -> Void) {
        state.withLock { $0.samplers.append(sample) }
    }

    /// Prometheus text format 0.0.4, sorted by name and label values.
    package func render() -> String {
        for sample in state.withLock({ $0.samplers }) { sample() }
        let (families, conflicts) = state.withLock { (Array($0.families.values), $0.conflicts) }
        var text = MetricsText()
        for family in families.sorted(by: { $0.header.name < $1.header.name }) { family.render(into: &text) }
        if conflicts > 0 {
            let header = MetricHeader(
                name: "metrics_conflicts_total", help: "Metrics that were asked for with another kind or other labels.",
                kind: .counter, labels: [])
            text.header(header)
            text.sample(header.name, "", Double(conflicts))
        }
        return text.string
    }

    /// The family of that name. One that exists with another kind or other labels is left alone: the caller gets a
    /// family that is not rendered, and the mistake is counted.
    private func family<Series: MetricSeries>(
        _ header: MetricHeader, _ maximumSeries: Int, make: @escaping @Sendable () -> Series
    ) -> MetricFamily<Series> {
        let new = MetricFamily(header: header, maximumSeries: maximumSeries, make: make)
        return state.withLock { state in
            guard let existing = state.families[header.name] else {
                state.families[header.name] = new
                return new
            }
            if let same = existing as? MetricFamily<Series>, same.header.isCompatible(with: header) { return same }
            state.conflicts += 1
            return new
        }
    }
}
