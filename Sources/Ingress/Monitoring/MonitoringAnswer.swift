internal import Contracts
internal import Runtime

/// How the fleet is watched, as `/api/v1/hardware/monitoring/config` shows it: what is in effect.
struct MonitoringAnswer: Sendable {
    /// Nil while the setting was never set.
    let settings: MonitoringSettings?
    let plan: MonitoringPlan
    /// Of the ingress, while the setting was never set.
    let history: HostHistoryLimits
    let updatedAt: Timestamp?
    /// Whether the webhooks are shown whole, and their secret at all.
    let showsSecrets: Bool
    let secret: WebhookSecret?

    static let schema = Schema.object([
        .init("interval_seconds", .number(30, "Between two samples of what has no interval of its own.")),
        .init(
            "alert_thresholds",
            .map(
                .number(90), "The lowest threshold of each metric that a rule is about.",
                example: #"{"cpu_percent":90}"#)),
        .init("enabled_metrics", .array(.words(MetricClass.names), "What is sampled.")),
        .init(
            "retention_hours",
            .integer(
                24, "Hours that samples are kept as they came.",
                in: MonitoringSettings.retentionRange)),
        .init(
            "notification_webhooks",
            .array(
                .text("https://hooks.example.com/flotilla"),
                "Who is told of alerts. Without the permission `hardware:configure` the path and query are left out.")),
        .init(
            "intervals",
            .map(.number(30), "Seconds between two samples of each part.", example: #"{"cpu":30,"disk":60}"#)),
        .init("alert_rules", .array(AlertRule.schema, "In effect.")),
        .init(
            "source",
            .words(
                ["fleet", "default"],
                "`fleet`: somebody has set it. `default`: each host samples at its own METRICS_INTERVAL_SECONDS, of which "
                    + "the ingress's is shown.")),
        .init("updated_at", .time("When it was set.").nullable),
        .init(
            "webhook_secret",
            .text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "Signs the webhooks; null until one is named.").nullable,
            isRequired: false),
    ]).named("MonitoringConfig")

    func writeMembers(to writer: inout JSONWriter) {
        let general = settings.map { Double($0.interval) } ?? plan.interval / .seconds(1)
        writer.member("interval_seconds", general)
        writer.member(
            "alert_thresholds",
            object: { writer in
                for metric in AlertMetric.allCases {
                    let values = plan.rules.filter { $0.metric == metric }.compactMap { $0.levels.first?.enter }
                    if let lowest = values.min() { writer.member(metric.rawValue, lowest) }
                }
            })
        writer.member("enabled_metrics", MetricClass.allCases.filter { plan.intervals[$0] != nil }.map(\.rawValue))
        writer.member("retention_hours", settings?.retentionHours ?? Int(history.seconds / 3600))
        writer.member(
            "notification_webhooks",
            showsSecrets ? plan.webhooks : plan.webhooks.compactMap { WebhookURL($0)?.origin })
        writer.member(
            "intervals",
            object: { writer in
                for part in MetricClass.allCases {
                    if let interval = plan.intervals[part] { writer.member(part.rawValue, interval / .seconds(1)) }
                }
            })
        writer.member("alert_rules", array: { writer in for rule in plan.rules { rule.write(to: &writer) } })
        writer.member("source", settings == nil ? "default" : "fleet")
        writer.member("updated_at", settings == nil ? nil : updatedAt)
        if showsSecrets { writer.member("webhook_secret", secret?.text) }
    }
}
