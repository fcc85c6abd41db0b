internal import Contracts
internal import Runtime

extension PerformanceAnalysis {
    func json(includesPredictions: Bool) -> [UInt8] {
        var writer = JSONWriter(capacity: 8192)
        writer.object { writer in
            writer.member("host", host)
            writer.member("timestamp", end)
            writer.member("start", start)
            writer.member("resolution_seconds", resolutionSeconds)
            writer.member(
                "metrics",
                object: { writer in
                    for figures in figures { writer.member(figures.metric.name, object: figures.writeMembers) }
                    for name in notMeasured { writer.member(name, raw: [UInt8]?.none) }
                })
            writer.member("not_measured", notMeasured)
            writer.member(
                "bottlenecks",
                array: { writer in for found in bottlenecks { found.write(window: start, end, to: &writer) } })
            if includesPredictions {
                writer.member("predictions", object: writePredictions)
            } else {
                writer.member("predictions", raw: [UInt8]?.none)
            }
        }
        return writer.bytes
    }

    private func writePredictions(to writer: inout JSONWriter) {
        writer.member("hours_ahead", 1)
        writer.member("minimum_minutes", Self.minutesForPrediction)
        writer.member(
            "metrics",
            object: { writer in
                for figures in figures {
                    guard let next = figures.nextHour else {
                        writer.member(figures.metric.name, raw: [UInt8]?.none)
                        continue
                    }
                    writer.member(
                        figures.metric.name,
                        object: { writer in
                            writer.member("expected", next.expected)
                            writer.member("low", next.low)
                            writer.member("high", next.high)
                        })
                }
            })
    }

    static let schema = Schema.object([
        .init("host", .text("gpu-7")),
        .init("timestamp", .time("Where the time that is looked at ends.")),
        .init("start", .time()),
        .init("resolution_seconds", .integer(60, "Of what is called a minute here; more where minutes are gone.")),
        .init(
            "metrics",
            .object(HostMetric.all.map { .init($0.name, figures($0).nullable) }, "Null where nothing was measured.")),
        .init("not_measured", .array(.text("gpu_percent"))),
        .init(
            "bottlenecks",
            .array(bottleneck, "What was above its warning for a tenth of the time or more, the longest first.")),
        .init("predictions", predictions.nullable),
    ]).named("PerformanceAnalysis")

    private static func figures(_ metric: HostMetric) -> Schema {
        .object(
            [
                .init("unit", .words([metric.unit.rawValue])),
                .init("mean", .number(12.5)),
                .init("p50", .number(11, "Half of the minutes had this mean or less.")),
                .init("p95", .number(30)),
                .init("p99", .number(45)),
                .init("max", .number(99.5, "Of single samples.").nullable),
                .init("max_at", .time("The minute of it.").nullable),
                .init("samples", .integer(86_400)),
                .init("minutes", .integer(1440, "Minutes with a value.")),
                .init("warning_threshold", .number(90).nullable),
                .init("above_warning_percent", .percent(0, "The share of the minutes at or above it.").nullable),
                .init(
                    "trend",
                    .object(
                        [
                            .init("per_hour", .number(0.25)),
                            .init("standard_error", .number(0.05, "Widened by how much the values follow each other.")),
                            .init("is_distinguishable", .flag(true, "Whether it is more than two standard errors.")),
                        ], "By least squares over the minutes' means; null of fewer than 10."
                    ).nullable),
            ], metric.text)
    }

    private static let bottleneck = Schema.object([
        .init("metric", .words(HostMetric.all.filter { $0.warning != nil }.map(\.name))),
        .init("severity", .words(["medium", "high"], "`high` for half of the time or more.")),
        .init("description", .text("cpu_percent was at or above 90.0 for 25.0 % of the time.")),
        .init(
            "evidence",
            .object([
                .init("value", .number(97, "The 95th percentile of the minutes.")),
                .init("threshold", .number(90)),
                .init("share_percent", .percent(25, "Of the minutes.")),
                .init("window_hours", .number(24)),
                .init("samples", .integer(86_400)),
            ])),
    ])

    private static let predictions = Schema.object([
        .init("hours_ahead", .integer(1)),
        .init("minimum_minutes", .integer(minutesForPrediction, "Minutes with a value that a prediction needs.")),
        .init(
            "metrics",
            .object(
                HostMetric.all.map { metric in
                    .init(
                        metric.name,
                        .object([
                            .init("expected", .number(13)), .init("low", .number(5)), .init("high", .number(21)),
                        ]).nullable, isRequired: false)
                },
                "The next hour, and what it is in with 95 % if what was goes on; null of too little data.")),
    ])
}

extension PerformanceAnalysis.Figures {
    fileprivate func writeMembers(to writer: inout JSONWriter) {
        writer.member("unit", metric.unit.rawValue)
        writer.member("mean", mean)
        writer.member("p50", p50)
        writer.member("p95", p95)
        writer.member("p99", p99)
        writer.member("max", maximum?.value)
        writer.member("max_at", maximum?.at)
        writer.member("samples", samples)
        writer.member("minutes", minutes)
        writer.member("warning_threshold", metric.warning)
        writer.member("above_warning_percent", aboveWarningPercent)
        guard let trend else { return writer.member("trend", raw: [UInt8]?.none) }
        writer.member(
            "trend",
            object: { writer in
                writer.member("per_hour", trend.slopePerHour)
                writer.member("standard_error", trend.standardError)
                writer.member("is_distinguishable", trend.isDistinguishable)
            })
    }
}

extension PerformanceAnalysis.Bottleneck {
    fileprivate func write(window start: Timestamp, _ end: Timestamp, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("metric", figures.metric.name)
            writer.member("severity", isSevere ? "high" : "medium")
            writer.member(
                "description",
                "\(figures.metric.name) was at or above \(threshold.tenths) for \(sharePercent.tenths) % of the time.")
            writer.member(
                "evidence",
                object: { writer in
                    writer.member("value", figures.p95)
                    writer.member("threshold", threshold)
                    writer.member("share_percent", sharePercent)
                    writer.member("window_hours", end.duration(since: start) / .seconds(3600))
                    writer.member("samples", figures.samples)
                })
        }
    }
}
