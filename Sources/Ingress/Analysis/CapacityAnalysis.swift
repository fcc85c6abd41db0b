internal import Contracts
internal import Runtime

/// The forecasts of what a host can run out of.
struct CapacityAnalysis: Sendable {
    /// What can run out, by the name of its metric.
    static let resources: [(name: String, metric: String)] = [
        ("cpu", "cpu_percent"), ("memory", "memory_percent"), ("disk_root", "disk_percent"),
        ("disk_fullest", "disk_fullest_percent"), ("vram", "vram_percent"),
    ]
    /// Their places.
    static let metrics = resources.compactMap { HostMetric.places[$0.metric] }

    let range: MetricsRange
    let days: Int
    let scenarios: [CapacityForecast.Scenario]

    var json: [UInt8] {
        var writer = JSONWriter(capacity: 8192)
        writer.object { writer in
            writer.member("host", range.query.host)
            writer.member("timestamp", range.query.end)
            writer.member("forecast_days", days)
            writer.member(
                "growth_scenarios",
                object: { writer in
                    for scenario in scenarios { writer.member(scenario.rawValue, scenario.growthFactor) }
                })
            writer.member(
                "resources",
                object: { writer in
                    for (column, resource) in Self.resources.enumerated() {
                        let forecast = CapacityForecast(range, column: column, days: days)
                        writer.member(resource.name, object: { forecast.writeMembers(scenarios, to: &$0) })
                    }
                })
        }
        return writer.bytes
    }

    static let schema = Schema.object([
        .init("host", .text("gpu-7")),
        .init("timestamp", .time()),
        .init("forecast_days", .integer(30)),
        .init(
            "growth_scenarios",
            .object(
                CapacityForecast.Scenario.allCases.map { scenario in
                    .init(scenario.rawValue, .number(scenario.growthFactor), isRequired: false)
                }, "How much of the measured growth goes on in each; a decrease goes on as it is.")),
        .init("resources", .object(resources.map { .init($0.name, CapacityForecast.schema) })),
    ]).named("CapacityAnalysis")
}

extension CapacityForecast {
    fileprivate func writeMembers(_ scenarios: [Scenario], to writer: inout JSONWriter) {
        writer.member("metric", metric.name)
        writer.member("status", status)
        writer.member("missing", missing)
        writer.member(
            "basis",
            object: { writer in
                writer.member("method", "theil_sen")
                writer.member("data_hours", dataHours)
                writer.member("hours_with_data", hours)
                writer.member("samples", samples)
                writer.member("from", from)
                writer.member("to", to)
                writer.member("points", line?.points ?? 0)
                writer.member("in_sample_error", line?.deviation)
            })
        writer.member("confidence", line.map { _ in confidence.rawValue })
        if let line {
            writer.member(
                "trend",
                object: { writer in
                    writer.member("per_day", line.slopePerHour * 24)
                    writer.member("standard_error", line.standardError * 24)
                    writer.member("is_distinguishable", line.isDistinguishable)
                })
        } else {
            writer.member("trend", raw: [UInt8]?.none)
        }
        guard line != nil else { return writer.member("scenarios", raw: [UInt8]?.none) }
        writer.member(
            "scenarios",
            object: { writer in
                for outcome in scenarios.compactMap(outcome) {
                    writer.member(outcome.scenario.rawValue, object: outcome.writeMembers)
                }
            })
    }

    private var status: String { line != nil ? "forecast" : hours > 0 ? "insufficient_data" : "not_measured" }

    private var missing: String? {
        if line != nil { return nil }
        if hours == 0 { return "The host does not report it." }
        return "\(Self.minimumHours) hours with data are needed; there are \(hours)."
    }

    fileprivate static let schema = Schema.object([
        .init("metric", .words(CapacityAnalysis.resources.map(\.metric))),
        .init("status", .words(["forecast", "insufficient_data", "not_measured"])),
        .init("missing", .text("24 hours with data are needed; there are 3.").nullable),
        .init(
            "basis",
            .object([
                .init(
                    "method", .words(["theil_sen"], "The median of the slopes between all pairs of points.")),
                .init("data_hours", .number(336, "From the first to the last hour with data, of 90 days.")),
                .init("hours_with_data", .integer(330)),
                .init("samples", .integer(1_188_000)),
                .init("from", .time().nullable),
                .init("to", .time().nullable),
                .init("points", .integer(330, "At most 360: means of an hour, or of several.")),
                .init("in_sample_error", .number(1.5, "The deviation of the points from the line.").nullable),
            ])),
        .init(
            "confidence",
            .words(
                Confidence.allCases.map(\.rawValue),
                "`high`: two weeks of data or more, and a forecast that is no longer; `medium`: three days or more, and "
                    + "a forecast of at most ten times as long."
            ).nullable),
        .init(
            "trend",
            .object([
                .init("per_day", .number(0.4, "Percentage points.")),
                .init("standard_error", .number(0.05)),
                .init("is_distinguishable", .flag(true, "Otherwise no growth is taken to go on.")),
            ]).nullable),
        .init(
            "scenarios",
            .object(Scenario.allCases.map { .init($0.rawValue, outcome, isRequired: false) }).nullable),
    ])

    private static let outcome = Schema.object([
        .init("growth_per_day", .number(0.4, "Percentage points.")),
        .init(
            "forecast",
            .array(
                .object([
                    .init("day", .number(7.5, "From now.")), .init("expected", .percent(52)),
                    .init("low", .percent(48)), .init("high", .percent(56)),
                ]), "What it is in with 95 % if what was goes on, at each quarter of the time.")),
        .init(
            "reaches",
            .array(
                .object([
                    .init("percent", .percent(90)),
                    .init("earliest", .time("With the upper end of the growth's interval.").nullable),
                    .init("expected", .time("Null after the forecast.").nullable),
                    .init("latest", .time("Null after the forecast.").nullable),
                ]), "All null where the forecast does not get there.")),
    ])
}

extension CapacityForecast.Outcome {
    fileprivate func writeMembers(to writer: inout JSONWriter) {
        writer.member("growth_per_day", growthPerDay)
        writer.member(
            "forecast",
            array: { writer in
                for point in points {
                    writer.object { writer in
                        writer.member("day", point.day)
                        writer.member("expected", point.expected)
                        writer.member("low", point.low)
                        writer.member("high", point.high)
                    }
                }
            })
        writer.member(
            "reaches",
            array: { writer in
                for (threshold, reach) in reaches {
                    writer.object { writer in
                        writer.member("percent", threshold)
                        writer.member("earliest", reach?.earliest)
                        writer.member("expected", reach?.expected)
                        writer.member("latest", reach?.latest)
                    }
                }
            })
    }
}
