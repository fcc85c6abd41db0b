internal import Contracts
internal import HTTPKit

/// The operation of `/api/v1/hardware/metrics/history`.
enum MetricsHistoryOperations {
    static let start = QueryParameter.instant(
        "start", "Where it begins, in RFC 3339 or in seconds since 1970; `hours` before the end where it is left out.")
    static let end = QueryParameter.instant("end", "Where it ends, likewise; now where it is left out.")
    static let hours = QueryParameter.number(
        "hours", "How far back, in hours; not with `start`.", default: 24, above: 0, atMost: 8760)
    static let step = QueryParameter.optionalInt(
        "step", "Seconds of a bucket; where it is left out, as many as make about 300 buckets.", example: 300,
        in: 1...31_622_400)
    static let metrics = QueryParameter.words(
        "metrics", "Only these, separated by commas: \(HostMetric.names.map { "`\($0)`" }.joined(separator: ", ")).",
        of: HostMetric.names)
    static let statistics = QueryParameter.words(
        "statistics", "Only these, separated by commas: `mean`, `min`, `max`, `last`.",
        of: MetricStatistic.allCases.map(\.rawValue))

    static let history = Operation(
        .GET, "/api/v1/hardware/metrics/history", .hardware, "The numbers of a host over a time, for charts",
        explanation: "In buckets that begin at multiples of the step since 1970, at most 11,000. The values come from "
            + "the coarsest rows that are fine enough and reach back far enough: of seconds, minutes, ten minutes or "
            + "hours. A step that is finer than what is kept becomes the next one that is not.",
        access: .permission("hardware:monitor"),
        parameters: [
            HostSelection.parameter.description, start.description, end.description, hours.description,
            step.description, metrics.description, statistics.description,
        ],
        answers: [.json("A list for each metric and statistic.", MetricsRange.schema)], errors: HostSelection.errors)
}
