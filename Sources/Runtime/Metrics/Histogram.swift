import Synchronization

/// Observations sorted into buckets, with their count and sum.
package struct Histogram: Sendable {
    /// Seconds, from half a millisecond to ten.
    package static let defaultBuckets: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    let family: MetricFamily<HistogramSeries>

    /// Counts a value in the series of these label values, given in the order of the labels.
    package func observe(_ value: Double, _ labels: [String] = []) { labelled(labels).observe(value) }

    /// The series of these label values, for updates that must be quick.
    package func labelled(_ labels: [String]) -> Handle { Handle(series: family.series(labels)) }

    /// One series of a histogram.
    package struct Handle: Sendable {
        let series: HistogramSeries

        package func observe(_ value: Double) { series.observe(value) }

        /// Counts a duration in seconds.
        package func observe(_ duration: Duration) { observe(duration / .seconds(1)) }
    }
}

/// The buckets of one series.
final class HistogramSeries: MetricSeries {
    private let bounds: [Double]
    private let state: Mutex<State>

    private struct State {
        /// One a bucket, each without the ones below; the last has no bound.
        var counts: [UInt64]
        var sum = 0.0
    }

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func observe(_ value: Double) {
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    func render(_ header: MetricHeader, _ labels: String, into text: inout MetricsText) {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        let prefix = labels.isEmpty ? "" : labels + ","
        var total: UInt64 = 0
        for (index, count) in counts.enumerated() {
            total += count
            let bound = index < bounds.count ? MetricsText.number(bounds[index]) : "+Inf"
            text.sample(header.name + "_bucket", "\(prefix)le=\"\(bound)\"", Double(total))
        }
        text.sample(header.name + "_sum", labels, sum)
        text.sample(header.name + "_count", labels, Double(total))
    }
}
