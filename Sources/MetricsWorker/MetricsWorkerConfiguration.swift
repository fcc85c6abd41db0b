package import BusClients
package import Contracts

/// How a host is sampled.
package struct MetricsWorkerConfiguration: Sendable {
    /// The host's name in the fleet (`FLOTILLA_HOST`).
    package var host: String
    /// Time between two samples (`METRICS_INTERVAL_SECONDS`), while the fleet says nothing else.
    package var interval: Duration
    /// A JSON file whose fields replace sampled ones (`METRICS_SOURCE_FILE`); see `SampleOverrides`.
    package var sourceFile: String?
    /// Samples that wait while the bus takes none; beyond, the oldest is dropped and counted.
    package var unsentLimit: Int
    /// How the topic is created should the bus not have it.
    package var topicOptions: TopicOptions

    /// What is told of the host, while the fleet says nothing else.
    package var alertRules: [AlertRule]
    /// The file of what fires; nil where a restart may forget it.
    package var alertFile: String?

    package init(
        host: String, interval: Duration = .seconds(1), sourceFile: String? = nil, unsentLimit: Int = 60,
        alertRules: [AlertRule] = AlertRule.standard, alertFile: String? = nil,
        topicOptions: TopicOptions = TopicOptions(maximumAge: .seconds(2 * 86_400), maximumBytes: 256 << 20)
    ) {
        self.host = host
        self.interval = max(interval, .milliseconds(10))
        self.sourceFile = sourceFile
        self.unsentLimit = max(unsentLimit, 1)
        self.alertRules = alertRules
        self.alertFile = alertFile
        self.topicOptions = topicOptions
    }

    /// What comes of the fleet's settings on this host; nil while they were never set.
    func plan(_ settings: MonitoringSettings?) -> MonitoringPlan {
        MonitoringPlan(settings, interval: interval, standard: alertRules, host: host)
    }
}
