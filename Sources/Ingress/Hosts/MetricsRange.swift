internal import Runtime
internal import SQLiteKit

/// The values of some metrics of a host over a time, in buckets of equal length.
struct MetricsRange: Sendable {
    /// What is asked for.
    struct Query: Sendable {
        var host: String
        var start: Timestamp
        /// After `start`.
        var end: Timestamp
        /// Seconds of a bucket; nil for about `standardPoints` of them.
        var step: Int64?
        /// Places in `HostMetric.all`.
        var metrics: [Int]

        /// Seconds, at least one.
        var span: Int64 { max(1, (end.microseconds - start.microseconds + 999_999) / 1_000_000) }
    }

    /// As many as a chart shows.
    static let standardPoints: Int64 = 300
    /// As many as Prometheus answers.
    static let maximumPoints: Int64 = 11_000

    let query: Query
    /// Where the values come from.
    let tier: HostTier
    /// Seconds of a bucket, a multiple of the tier's resolution.
    let step: Int64
    /// The first bucket, counted in steps from 1970 on.
    let first: Int64
    /// Buckets.
    let count: Int
    /// By metric of the query, then by bucket.
    private(set) var series: [[MetricSums]]

    init(_ query: Query, tier: HostTier, step: Int64) {
        self.query = query
        self.tier = tier
        self.step = step
        first = query.start.microseconds / 1_000_000 / step
        let end = (query.end.microseconds + 999_999) / 1_000_000
        count = Int(max(1, (end + step - 1) / step - first))
        series = Array(repeating: Array(repeating: .none, count: count), count: query.metrics.count)
    }

    /// The beginning of each bucket, in seconds since 1970.
    var times: [Int64] { (0..<Int64(count)).map { (first + $0) * step } }

    /// Adds a row of this or another tier.
    fileprivate mutating func add(_ row: Row, of tier: HostTier, _ columns: [Int?]) {
        let bucket = Int(row.int(0) * tier.resolution / step - first)
        guard (0..<count).contains(bucket) else { return }
        HostAggregate.readMetrics(of: row) { place, sums in
            if let column = columns[place] { series[column][bucket].add(sums) }
        }
    }

    fileprivate static func columns(_ query: Query) -> [Int?] {
        var columns: [Int?] = Array(repeating: nil, count: HostMetric.all.count)
        for (column, place) in query.metrics.enumerated() { columns[place] = column }
        return columns
    }
}

extension Connection {
    /// The values of a time from the coarsest tier that is fine enough and has what is known of the time. A step that is
    /// finer than all that is known of it becomes the next one that is not.
    func metricsRange(_ query: MetricsRange.Query) throws -> MetricsRange {
        let (tier, step) = try tierAndStep(query)
        var range = MetricsRange(query, tier: tier, step: step)
        let columns = MetricsRange.columns(query)
        // What has not become hours yet is in ten minutes.
        for tier in tier == .hours ? [HostTier.tenMinutes, .hours] : [tier] {
            try addRows(of: tier, to: &range, columns)
        }
        return range
    }

    private func addRows(of tier: HostTier, to range: inout MetricsRange, _ columns: [Int?]) throws {
        let begin = range.first * range.step
        let end = begin + Int64(range.count) * range.step
        var queries = [tier.metricsQuery]
        if let query = tier.earlierQuery, try begin < metricsSince() { queries.append(query) }
        for query in queries {
            try forEach(
                query, .text(range.query.host), .integer(begin / tier.resolution),
                .integer((end + tier.resolution - 1) / tier.resolution)
            ) { row in
                range.add(row, of: tier, columns)
                return true
            }
        }
    }

    /// From which second on every row has metrics.
    private func metricsSince() throws -> Int64 {
        try first("SELECT ifnull(max(second), 0) FROM host_metrics_since") { $0.int(0) } ?? 0
    }

    private func tierAndStep(_ query: MetricsRange.Query) throws -> (HostTier, Int64) {
        let tiers = try tiers(of: query.host, since: query.start.microseconds / 1_000_000)
        let finest = tiers[tiers.count - 1]
        if let step = query.step {
            let tier = tiers.first { step % $0.resolution == 0 } ?? finest
            return (tier, step.roundedUp(to: tier.resolution))
        }
        let step = (query.span + MetricsRange.standardPoints - 1) / MetricsRange.standardPoints
        let tier = tiers.first { $0.resolution <= step } ?? finest
        return (tier, step.roundedUp(to: tier.resolution))
    }

    /// The tiers that have everything that is known of a host since a second, the coarsest first; at least the hours.
    private func tiers(of host: String, since start: Int64) throws -> [HostTier] {
        // Where what the coarser tiers know may begin at the latest: nothing finer needs to begin before. A row of the
        // next coarser tier may be missing: a host that reports seldom has no sample just at the start.
        var needed = Int64.max
        var tolerance: Int64 = 0
        var tiers: [HostTier] = []
        for tier in HostTier.allCases.reversed() {
            let oldest = try first(
                "SELECT min(\(tier.time)) FROM \(tier.table) WHERE host = ?", .text(host)
            ) { $0.intOrNil(0) }
            let begin = (oldest ?? nil).map { $0 * tier.resolution }
            if tier == .hours || (begin ?? .max) <= max(start + tolerance, needed) { tiers.append(tier) }
            tolerance = tier.resolution
            if let begin { needed = min(needed, begin + tier.resolution - 1) }
        }
        return tiers
    }
}

extension Int64 {
    func roundedUp(to multiple: Int64) -> Int64 { (self + multiple - 1) / multiple * multiple }
}
