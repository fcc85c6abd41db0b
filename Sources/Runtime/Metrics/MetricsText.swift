/// Builds Prometheus text, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
struct MetricsText {
    private(set) var string = ""

    mutating func header(_ header: MetricHeader) {
        string += "# HELP \(header.name) \(Self.escapedHelp(header.help))\n"
        string += "# TYPE \(header.name) \(header.kind.rawValue)\n"
    }

    /// - Parameter labels: `a="1",b="2"`, empty without labels.
    mutating func sample(_ name: String, _ labels: String, _ value: Double) {
        string += name
        if !labels.isEmpty { string += "{\(labels)}" }
        string += " \(Self.number(value))\n"
    }

    /// Whole numbers without a fraction; `NaN`, `+Inf` and `-Inf`.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        // 2^53: every whole number up to there is exact.
        if value == value.rounded(), abs(value) <= 9_007_199_254_740_992 { return "\(Int64(value))" }
        return "\(value)"
    }

    static func escapedLabel(_ text: String) -> String { escaped(text, quotes: true) }

    static func escapedHelp(_ text: String) -> String { escaped(text, quotes: false) }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
