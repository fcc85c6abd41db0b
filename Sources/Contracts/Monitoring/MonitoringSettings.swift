/// How the fleet watches its hosts: the setting `monitoring` of `fleet_configuration`.
///
/// While it was never set, each worker samples at its own `METRICS_INTERVAL_SECONDS` and has the standard rules.
package struct MonitoringSettings: Sendable, Hashable {
    package static let setting = "monitoring"

    /// Seconds between two samples of what has no interval of its own.
    package var interval = 30
    /// From which value on the standard rules raise an alert.
    package var thresholds: [AlertMetric: Double] = [:]
    /// What is sampled; everything where it is empty.
    package var enabled: Set<MetricClass> = []
    /// Hours that samples are kept as they came.
    package var retentionHours = 24
    /// The URLs that are told of alerts.
    package var webhooks: [String] = []
    /// Seconds between two samples of a class.
    package var intervals: [MetricClass: Double] = [:]
    /// In place of the standard rules; nil keeps those.
    package var rules: [AlertRule]?

    package static let intervalRange = 5...3600
    package static let classIntervalRange = 1.0...3600.0
    package static let retentionRange = 1...168
    package static let maximumWebhooks = 20
    package static let maximumRules = 100

    package init() {}

    /// Reads the setting's value, which `json` wrote.
    /// - Throws: `JSONError`, and `MessageError` for what this version does not know.
    package init(json: [UInt8]) throws {
        let root = try JSONDocument(parsing: json).root
        interval = try root.requiredInt("interval_seconds")
        retentionHours = try root.requiredInt("retention_hours")
        guard Self.intervalRange.contains(interval), Self.retentionRange.contains(retentionHours) else {
            throw MessageError("an interval or retention is out of its range")
        }
        for (name, value) in try root.requiredObject("alert_thresholds").members {
            guard let metric = AlertMetric(rawValue: name.string), let number = value.double,
                metric.range.contains(number)
            else { throw MessageError("alert_thresholds has an unknown name or value") }
            thresholds[metric] = number
        }
        for element in try root.requiredArray("enabled_metrics").elements {
            guard let name = element.string.flatMap(MetricClass.init(rawValue:)) else {
                throw MessageError("enabled_metrics has an unknown name")
            }
            enabled.insert(name)
        }
        for element in try root.requiredArray("notification_webhooks").elements {
            guard let url = element.string else { throw MessageError("notification_webhooks holds no text") }
            webhooks.append(url)
        }
        for (name, value) in try root.requiredObject("intervals").members {
            guard let part = MetricClass(rawValue: name.string), let seconds = value.double,
                Self.classIntervalRange.contains(seconds)
            else { throw MessageError("intervals has an unknown name or value") }
            intervals[part] = seconds
        }
        if let given = root["alert_rules"], !given.isNull {
            var rules: [AlertRule] = []
            for element in try root.requiredArray("alert_rules").elements { rules.append(try AlertRule(element)) }
            self.rules = rules
        }
        guard webhooks.count <= Self.maximumWebhooks, rules?.count ?? 0 <= Self.maximumRules else {
            throw MessageError("there are too many rules or webhooks")
        }
    }

    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            writer.member("interval_seconds", interval)
            writer.member(
                "alert_thresholds",
                object: { writer in
                    for metric in AlertMetric.allCases {
                        if let value = thresholds[metric] { writer.member(metric.rawValue, value) }
                    }
                })
            writer.member("enabled_metrics", MetricClass.allCases.filter(enabled.contains).map(\.rawValue))
            writer.member("retention_hours", retentionHours)
            writer.member("notification_webhooks", webhooks)
            writer.member(
                "intervals",
                object: { writer in
                    for part in MetricClass.allCases {
                        if let value = intervals[part] { writer.member(part.rawValue, value) }
                    }
                })
            if let rules {
                writer.member("alert_rules", array: { writer in for rule in rules { rule.write(to: &writer) } })
            }
        }
        return writer.bytes
    }
}
