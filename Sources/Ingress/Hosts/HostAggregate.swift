internal import Contracts
internal import Runtime
internal import SQLiteKit

/// What a row of the history holds: of one sample, or of several.
struct HostAggregate: Sendable {
    private(set) var sums: HostSums
    /// At the places of `HostMetric.all`.
    private(set) var metrics: [MetricSums]

    init(_ sample: HostSample, _ stats: HostStats) {
        sums = HostSums(stats)
        let at = stats.timestamp.microseconds
        metrics = HostMetric.all.map { MetricSums($0.read(sample), at: at) }
    }

    /// Reads `HostTier.columns`.
    init(row: Row) {
        sums = HostSums(row: row)
        metrics = Array(repeating: .none, count: HostMetric.all.count)
        var metrics = metrics
        Self.readMetrics(of: row) { metrics[$0] = $1 }
        self.metrics = metrics
    }

    /// Gives the known metrics of a row, read as `HostTier.columns`, by their places.
    static func readMetrics(of row: Row, _ give: (Int, MetricSums) -> Void) {
        guard row.isNull(Self.metricsColumn) else {
            HostMetricRow.read(row.blob(Self.metricsColumn), samples: row.int(2), latest: row.int(1), give)
            return
        }
        // Written before metrics were kept: the means are known, and of a single sample everything.
        let sums = HostSums(row: row)
        let means = sums.means
        for (place, metric) in HostMetric.all.enumerated() {
            guard let value = metric.earlier?(means) else { continue }
            var earlier = MetricSums(value, at: sums.latest)
            if sums.samples > 1 {
                earlier.count = sums.samples
                earlier.sum = value * Double(sums.samples)
                earlier.minimum = .nan
                earlier.maximum = .nan
                earlier.last = .nan
            }
            give(place, earlier)
        }
    }

    private static let metricsColumn = 11

    mutating func add(_ other: HostAggregate) {
        sums.add(other.sums)
        for place in metrics.indices { metrics[place].add(other.metrics[place]) }
    }

    /// The `metrics` of its row.
    var packedMetrics: [UInt8] { HostMetricRow.pack(metrics, samples: sums.samples, latest: sums.latest) }
}
