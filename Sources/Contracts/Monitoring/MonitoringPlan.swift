/// What comes of the fleet's settings for one host: what a worker does, and what the API shows.
package struct MonitoringPlan: Sendable, Hashable {
    /// How often each part of a sample is taken; what is not watched is absent.
    package var intervals: [MetricClass: Duration]
    /// Time between two samples.
    package var interval: Duration
    /// In effect on the host.
    package var rules: [AlertRule]
    package var webhooks: [String]

    /// - Parameters:
    ///   - settings: nil while they were never set.
    ///   - interval: The worker's own.
    ///   - standard: The worker's own rules.
    ///   - host: nil for every host's rules.
    package init(
        _ settings: MonitoringSettings?, interval: Duration, standard: [AlertRule] = AlertRule.standard, host: String?
    ) {
        var rules = settings?.rules ?? standard
        for metric in AlertMetric.allCases {
            guard let threshold = settings?.thresholds[metric] else { continue }
            let isKnown = rules.contains { $0.metric == metric }
            rules = rules.map { $0.metric == metric ? $0.raised(from: threshold) : $0 }
            if !isKnown { rules.append(.plain(metric, threshold: threshold)) }
        }
        let enabled = settings?.enabled ?? []
        let watched = MetricClass.allCases.filter { enabled.isEmpty || enabled.contains($0) }
        self.rules = rules.filter { rule in
            (rule.metric.metricClass.map(watched.contains) ?? true) && (host.map(rule.isFor) ?? true)
        }
        let general = settings.map { Duration.seconds($0.interval) } ?? interval
        intervals = [:]
        for part in watched { intervals[part] = settings?.intervals[part].map { .seconds($0) } ?? general }
        self.interval = intervals.values.min() ?? general
        webhooks = settings?.webhooks ?? []
    }
}
