internal import Contracts
internal import HTTPKit

/// `MonitoringConfigRequest` of the hardware API: what is left out is reset to its default.
extension MonitoringSettings {
    private static let intervalField = BodyField.int(
        "interval_seconds", "Seconds between two samples of what has no interval of its own.", default: 30,
        in: intervalRange)
    private static let thresholdField = BodyField.numbers(
        "alert_thresholds", "From which value on an alert is raised.", names: AlertMetric.names
    ) { name in
        let range = AlertMetric(rawValue: name)?.range ?? 0...100
        return .number(90, in: range)
    }
    private static let enabledField = BodyField.texts(
        "enabled_metrics",
        .words(
            MetricClass.names, "What is sampled, everything where the list is empty; `disk` includes `file_systems`."),
        maximum: 100)
    private static let retentionField = BodyField.int(
        "retention_hours", "Hours that samples are kept as they came.",
        default: 24, in: retentionRange)
    private static let webhookField = BodyField.texts(
        "notification_webhooks",
        .text("https://hooks.example.com/flotilla", "An http or https URL.", length: 1...WebhookURL.maximumLength),
        maximum: maximumWebhooks)
    private static let intervalsField = BodyField.numbers(
        "intervals", "Seconds between two samples of a part; below `interval_seconds` too.", names: MetricClass.names
    ) { _ in .number(60, in: classIntervalRange) }
    private static let rulesField = BodyField.optionalArray(
        "alert_rules", AlertRule.schema, "In place of the standard rules; null keeps those.", maximum: maximumRules)

    static let bodySchema = Schema.object([
        intervalField.property, thresholdField.property, enabledField.property, retentionField.property,
        webhookField.property, intervalsField.property, rulesField.property,
    ]).named("MonitoringConfigRequest")

    /// - Parameter allowsPrivate: Whether a webhook's host may be a private address.
    /// - Throws: 422 with every fault, then 400 for a webhook that cannot be called.
    init(_ body: JSONDocument?, allowsPrivate: Bool) throws(HTTPError) {
        self.init()
        var reader = try BodyReader(body)
        interval = reader.value(Self.intervalField)
        retentionHours = reader.value(Self.retentionField)
        for (name, value) in reader.value(Self.thresholdField) {
            guard let metric = AlertMetric(rawValue: name) else {
                reader.fail(unknown: name, in: Self.thresholdField.property.name, AlertMetric.names)
                continue
            }
            reader.check(value, in: metric.range, at: [.name(Self.thresholdField.property.name), .name(name)])
            thresholds[metric] = value
        }
        for (index, name) in reader.value(Self.enabledField).enumerated() {
            guard let part = MetricClass(rawValue: name) else {
                let place: [ValidationError.Element] = [.name(Self.enabledField.property.name), .index(index)]
                reader.fail("enum", at: place, BodyReader.choice(MetricClass.names))
                continue
            }
            enabled.insert(part)
            // Clients of the contract know no other name for how full disks are.
            if part == .disk { enabled.insert(.fileSystems) }
        }
        for (name, value) in reader.value(Self.intervalsField) {
            guard let part = MetricClass(rawValue: name) else {
                reader.fail(unknown: name, in: Self.intervalsField.property.name, MetricClass.names)
                continue
            }
            reader.check(
                value, in: Self.classIntervalRange, at: [.name(Self.intervalsField.property.name), .name(name)])
            intervals[part] = value
        }
        rules = reader.value(Self.rulesField).map { reader.rules($0, Self.rulesField.property.name) }
        webhooks = reader.value(Self.webhookField)
        try reader.finish()
        for url in webhooks { try WebhookURL.check(url, allowsPrivate: allowsPrivate) }
        webhooks = webhooks.enumerated().filter { webhooks.firstIndex(of: $0.element) == $0.offset }.map(\.element)
    }
}

extension BodyReader {
    fileprivate static func choice(_ words: [String]) -> String {
        "Input should be \(words.map { "'\($0)'" }.joined(separator: ", "))"
    }

    fileprivate mutating func fail(unknown name: String, in member: String, _ names: [String]) {
        fail(
            "enum", at: [.name(member), .name(name)],
            "There is no such name; there are \(names.joined(separator: ", "))")
    }

    fileprivate mutating func check(
        _ value: Double, in range: ClosedRange<Double>, at location: [ValidationError.Element]
    ) {
        if value < range.lowerBound {
            fail("greater_than_equal", at: location, "Input should be greater than or equal to \(range.lowerBound)")
        } else if value > range.upperBound {
            fail("less_than_equal", at: location, "Input should be less than or equal to \(range.upperBound)")
        }
    }

    fileprivate mutating func rules(_ values: [JSONValue], _ member: String) -> [AlertRule] {
        var rules: [AlertRule] = []
        for (index, value) in values.enumerated() {
            do throws(MessageError) {
                let rule = try AlertRule(value)
                if rules.contains(where: { $0.name == rule.name }) {
                    throw MessageError("another rule has the name \(rule.name)")
                }
                rules.append(rule)
            } catch {
                fail("value_error", at: [.name(member), .index(index)], "Value error, \(error.message)", value)
            }
        }
        return rules
    }
}
