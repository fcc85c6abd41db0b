internal import Runtime

/// The projections of one ingress.
struct IngressProjections: Sendable {
    let hosts: HostProjection
    let sessions: OptimizationProjection
    let commands: CommandProjection
    let notices: CommandNoticeProjection
    let settings: ConfigurationProjection
    let audit: AuditProjection
    let alerts: AlertProjection
    let presence: HostPresenceProjection

    init(
        configuration: IngressConfiguration, directory: AccountDirectory, time: any TimeSource,
        metrics: MetricsRegistry, logger: Logger
    ) {
        hosts = HostProjection(
            interval: configuration.metricsInterval, keeping: configuration.history, time: time)
        sessions = OptimizationProjection(time: time)
        commands = CommandProjection(
            commandTopic: configuration.commandTopic, time: time, metrics: metrics,
            logger: logger.component("commands"))
        notices = CommandNoticeProjection(time: time)
        settings = ConfigurationProjection(
            readers: [directory, HistoryRetention(hosts: hosts, standard: configuration.history)], time: time)
        audit = AuditProjection(time: time)
        alerts = AlertProjection(time: time)
        presence = HostPresenceProjection(time: time)
    }

    var all: [any Projection] { [hosts, sessions, commands, notices, settings, audit, alerts, presence] }
}
