internal import Contracts
internal import Runtime

/// What a chart may show of a bucket's values.
enum MetricStatistic: String, Sendable, CaseIterable {
    case mean
    case minimum = "min"
    case maximum = "max"
    case last

    /// Nil where nothing is known.
    func value(of sums: MetricSums) -> Float? {
        guard sums.count > 0 else { return nil }
        let value: Float? =
            switch self {
            case .mean: sums.mean
            case .minimum: sums.minimum
            case .maximum: sums.maximum
            case .last: sums.last
            }
        return value.flatMap { $0.isFinite ? $0 : nil }
    }
}

extension MetricsRange {
    func json(_ statistics: [MetricStatistic]) -> [UInt8] {
        var writer = JSONWriter(capacity: 512 + count * (12 + 12 * series.count * statistics.count))
        writer.object { writer in
            writer.member("host", query.host)
            writer.member("start", query.start)
            writer.member("end", query.end)
            writer.member("step_seconds", step)
            writer.member("resolution_seconds", tier.resolution)
            writer.member("timestamps", array: { writer in for time in times { writer.int(time) } })
            writer.member(
                "metrics",
                object: { writer in
                    for (place, sums) in zip(query.metrics, series) {
                        Self.write(HostMetric.all[place], sums, statistics, to: &writer)
                    }
                })
        }
        return writer.bytes
    }

    private static func write(
        _ metric: HostMetric, _ sums: [MetricSums], _ statistics: [MetricStatistic], to writer: inout JSONWriter
    ) {
        writer.member(
            metric.name,
            object: { writer in
                writer.member("unit", metric.unit.rawValue)
                for statistic in statistics {
                    writer.member(
                        statistic.rawValue,
                        array: { writer in for sums in sums { writer.float(statistic.value(of: sums)) } })
                }
            })
    }

    static let schema = Schema.object([
        .init("host", .text("gpu-7")),
        .init("start", .time()),
        .init("end", .time()),
        .init("step_seconds", .integer(300, "Of a bucket; at least `resolution_seconds`, and a multiple of it.")),
        .init("resolution_seconds", .integer(60, "Of the rows that the values come from.")),
        .init("timestamps", .array(.integer(1_795_257_000), "Where each bucket begins, in seconds since 1970.")),
        .init(
            "metrics",
            .object(
                HostMetric.all.map { .init($0.name, series($0), isRequired: false) },
                "Those that were asked for; each list has a place for each of `timestamps`.")),
    ]).named("MetricsHistory")

    private static func series(_ metric: HostMetric) -> Schema {
        let words = ["mean": "The mean.", "min": "The least.", "max": "The most.", "last": "The last."]
        return .object(
            [.init("unit", .words([metric.unit.rawValue]))]
                + MetricStatistic.allCases.map { statistic in
                    .init(
                        statistic.rawValue,
                        .array(
                            .number(12.5).nullable, words[statistic.rawValue, default: ""] + " Null without a value."),
                        isRequired: false)
                }, metric.text)
    }
}

extension JSONWriter {
    /// A number with as many digits as 32 bits have; null for none.
    fileprivate mutating func float(_ value: Float?) {
        if let value, value.isFinite { raw(value.description.utf8) } else { null() }
    }
}
