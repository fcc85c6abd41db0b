/// The names of everything that flows over the bus, as `docs/architecture.md` lists them.
package enum StreamNames {
    // Work queues.
    package static let optimizeModel = "optimize.model"
    package static let commandRequests = "command.requests"
    package static let alertWebhooks = "alert.webhooks"

    /// The optimizations of one host.
    package static func optimizeHost(_ host: String) -> String { "optimize.host.\(host)" }

    /// Process list, storage analysis and benchmark of one host.
    package static func inspect(_ host: String) -> String { "inspect.\(host)" }

    // Event exchanges.
    package static let optimizationEvents = "optimization_events"
    package static let fleetEvents = "fleet_events"
    package static let fleetControl = "fleet_control"
    /// Who did what; retained.
    package static let fleetAudit = "fleet_audit"
    package static let fleetAnswers = "fleet_answers"
    /// What happened to commands before they reached Kafka; retained.
    package static let commandCancellations = "command_cancellations"
    package static let commandEvents = "command_events"

    /// The routing key of an optimization event.
    package static func optimizationEvent(_ type: String) -> String { "optimization.\(type)" }

    /// The routing key of what happens to an alert: `raised`, `updated`, `resolved` or `acknowledged`.
    package static func alert(_ change: String, host: String) -> String { "alert.\(change).\(host)" }

    /// The routing key of a host that is `up`, `stale` or `down`.
    package static func host(_ state: String, host: String) -> String { "host.\(state).\(host)" }

    /// The routing key of an audit record.
    package static func audit(_ event: String) -> String { "audit.\(event)" }

    /// The routing key that asks to cancel a session.
    package static func cancelSession(_ id: String) -> String { "session.cancel.\(id)" }

    /// The routing key of an answer to an inspection: the ingress that asked and its correlation id.
    package static func answer(ingress: String, correlation: String) -> String { "\(ingress).\(correlation)" }

    /// The routing key of accepted commands: lines of `CommandStatus`.
    package static let commandAccepted = "command.accepted"
    /// The routing key of the accepted commands of a batch: an `AcceptedBatch`.
    package static let commandAcceptedBatch = "command.accepted.batch"

    // Topics of the message log.
    /// The default of `KAFKA_COMMAND_TOPIC`.
    package static let deviceCommands = "device_commands"
    package static let deviceCommandStatus = "device_command_status"
    package static let hostMetrics = "host_metrics"
    package static let fleetConfiguration = "fleet_configuration"
}
