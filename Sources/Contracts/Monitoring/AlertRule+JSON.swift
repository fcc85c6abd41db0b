extension AlertRule {
    package static let maximumName = 64
    package static let maximumTitle = 200
    package static let maximumHosts = 100
    /// Of `for_seconds` and `keep_firing_seconds`.
    package static let secondsRange = 0.0...86_400.0

    package static let schema = Schema.object(
        [
            .init("name", .text("disk_full", length: 1...maximumName, pattern: "^[a-z0-9_.-]+$")),
            .init("title", .text("A file system is nearly full", length: 1...maximumTitle), isRequired: false),
            .init("metric", .words(AlertMetric.names)),
            .init(
                "levels",
                .array(
                    .object([
                        .init("severity", .words(AlertChange.Severity.allCases.map(\.rawValue))),
                        .init("enter", .number(85, "Reached at or above this.")),
                        .init(
                            "leave",
                            .number(80, "Left at or below this; \(AlertMetric.distance) below `enter` unless given."),
                            isRequired: false),
                    ]), "The lowest first; thresholds and severities rise.",
                    count: 1...AlertChange.Severity.allCases.count)),
            .init(
                "for_seconds", .number(30, "How long the lowest level must have been reached.", in: secondsRange),
                isRequired: false),
            .init(
                "keep_firing_seconds", .number(60, "How long the value must have left a level.", in: secondsRange),
                isRequired: false),
            .init(
                "hosts",
                .array(
                    .text("gpu-*", length: 1...255), "Names of hosts, with `*` for any characters; null for all.",
                    count: 1...maximumHosts
                ).nullable, isRequired: false),
        ], "When a value is worth telling somebody."
    ).named("AlertRule")

    /// - Throws: What is wrong with it, in a sentence for whoever wrote it.
    package init(_ value: JSONValue) throws(MessageError) {
        guard value.kind == .object else { throw MessageError("a rule must be an object") }
        name = try value.required("name", "1 to \(Self.maximumName) of a-z, 0-9, _, . and -") {
            $0.string.flatMap { Self.isName($0) ? $0 : nil }
        }
        let metric = try value.required("metric", "one of \(AlertMetric.names.joined(separator: ", "))") {
            $0.string.flatMap(AlertMetric.init(rawValue:))
        }
        self.metric = metric
        title = name
        if let given = value["title"], !given.isNull {
            title = try value.required("title", "1 to \(Self.maximumTitle) characters") {
                $0.string.flatMap { (1...Self.maximumTitle).contains($0.unicodeScalars.count) ? $0 : nil }
            }
        }
        hold = try Self.duration("for_seconds", value, default: 30)
        keepFiring = try Self.duration("keep_firing_seconds", value, default: 60)
        hosts = try Self.hosts(value)
        levels = []
        for element in try value.requiredArray("levels").elements {
            let level = try Level(element, of: metric)
            if let last = levels.last {
                guard level.enter > last.enter, level.leave >= last.leave, level.severity > last.severity else {
                    throw MessageError("levels must rise: each has a higher enter and severity than the one before")
                }
            }
            levels.append(level)
        }
        if levels.isEmpty { throw MessageError("levels must hold at least one") }
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("title", title)
            writer.member("metric", metric.rawValue)
            writer.member(
                "levels",
                array: { writer in
                    for level in levels {
                        writer.object { writer in
                            writer.member("severity", level.severity.rawValue)
                            writer.member("enter", level.enter)
                            writer.member("leave", level.leave)
                        }
                    }
                })
            writer.member("for_seconds", hold / .seconds(1))
            writer.member("keep_firing_seconds", keepFiring / .seconds(1))
            if let hosts {
                writer.member("hosts", hosts.map(\.text))
            } else {
                writer.member("hosts", String?.none)
            }
        }
    }

    private static func isName(_ text: String) -> Bool {
        (1...maximumName).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (48...57).contains(byte)
                    || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
            }
    }

    private static func duration(
        _ name: String, _ value: JSONValue, default standard: Double
    ) throws(MessageError) -> Duration {
        guard let given = value[name], !given.isNull else { return .seconds(standard) }
        let seconds = try value.required(name, "a number from 0 to 86400") {
            $0.double.flatMap { secondsRange.contains($0) ? $0 : nil }
        }
        return .seconds(seconds)
    }

    private static func hosts(_ value: JSONValue) throws(MessageError) -> [HostPattern]? {
        guard let given = value["hosts"], !given.isNull else { return nil }
        let what = "1 to \(maximumHosts) names of hosts"
        let patterns = try value.requiredArray("hosts").elements.map { $0.string ?? "" }
        guard (1...maximumHosts).contains(patterns.count),
            patterns.allSatisfy({ (1...255).contains($0.utf8.count) })
        else { throw MessageError("hosts must be \(what)") }
        return patterns.map(HostPattern.init)
    }
}

extension AlertRule.Level {
    fileprivate init(_ value: JSONValue, of metric: AlertMetric) throws(MessageError) {
        guard value.kind == .object else { throw MessageError("a level must be an object") }
        let words = AlertChange.Severity.allCases.map(\.rawValue).joined(separator: ", ")
        severity = try value.required("severity", "one of \(words)") {
            $0.string.flatMap(AlertChange.Severity.init(rawValue:))
        }
        let range = metric.range
        enter = try value.required(
            "enter", "a number from \(Int(range.lowerBound)) to \(Int(range.upperBound))"
        ) { $0.double.flatMap { range.contains($0) ? $0 : nil } }
        guard let given = value["leave"], !given.isNull else {
            leave = metric.leave(below: enter)
            return
        }
        let enter = enter
        leave = try value.required("leave", "a number below enter, by at most 1000") {
            $0.double.flatMap { $0 < enter && $0 >= enter - 1000 ? $0 : nil }
        }
    }
}
