extension FleetChannel {
    /// Everything that flows over the bus.
    package static let all = [
        commandRequests, optimizeHost, inspectHost, alertWebhooks, fleetAnswers, commandEvents, commandCancellations,
        optimizationEvents,
        fleetEvents,
        fleetControl, fleetAudit, deviceCommands,
        deviceCommandStatus, hostMetrics, fleetConfiguration,
    ]

    private static let trace = Schema.Property(
        "traceparent",
        .text("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "W3C trace context of the client's request."),
        isRequired: false)

    private static let commandRequests = FleetChannel(
        name: "commandRequests", address: StreamNames.commandRequests, kind: .queue,
        text: "Accepted commands on their way to Kafka.",
        messages: [
            FleetMessage(
                "CommandEnvelope", "One accepted command; a job holds up to \(CommandEnvelope.maximumPerJob).",
                CommandEnvelope.schema,
                headers: [
                    .init(
                        CommandEnvelope.logEndsHeader,
                        .text("0:17,1:4", "Where each partition of the command topic ended, or earlier."),
                        isRequired: false), trace,
                ], isLines: true)
        ])

    private static let optimizeHost = FleetChannel(
        name: "optimizeHost", address: StreamNames.optimizeHost("{host}"), kind: .queue,
        text: "The optimizations that one host shall do.",
        messages: [
            FleetMessage("OptimizationRequest", "One optimization.", OptimizationRequest.schema, headers: [trace])
        ])

    private static let inspectHost = FleetChannel(
        name: "inspectHost", address: StreamNames.inspect("{host}"), kind: .queue,
        text: "What an ingress wants to know of one host now.",
        messages: [FleetMessage("HostQuestion", "One question.", HostQuestion.schema, headers: [trace])])

    private static let alertWebhooks = FleetChannel(
        name: "alertWebhooks", address: StreamNames.alertWebhooks, kind: .queue,
        text: "Changes of alerts on their way to the URLs that want to know.",
        messages: [
            FleetMessage("WebhookDelivery", "One change for one URL.", WebhookDelivery.schema)
        ])

    private static let fleetAnswers = FleetChannel(
        name: "fleetAnswers", address: StreamNames.fleetAnswers, kind: .exchange,
        text: "What hosts answer; kept for a minute.",
        messages: [
            FleetMessage(
                "HostAnswer", "The answer to one question.",
                key: StreamNames.answer(ingress: "{ingress}", correlation: "{id}"), HostAnswer.schema,
                headers: [trace])
        ])

    private static let commandEvents = FleetChannel(
        name: "commandEvents", address: StreamNames.commandEvents, kind: .exchange,
        text: "What happened to commands before they reached Kafka.",
        messages: [
            FleetMessage(
                "AcceptedCommands", "Commands that were accepted.", key: StreamNames.commandAccepted,
                CommandStatus.schema, isLines: true),
            FleetMessage(
                "AcceptedBatch", "The commands of one job whose ids the ingress made.",
                key: StreamNames.commandAcceptedBatch, AcceptedBatch.schema),
        ])

    private static let commandCancellations = FleetChannel(
        name: "commandCancellations", address: StreamNames.commandCancellations, kind: .exchange,
        text: "Commands that shall not be published.",
        messages: [
            FleetMessage(
                "CommandCancellation", "Somebody wants a command not to be published.",
                key: CommandCancellation.routingKey, CommandCancellation.schema, headers: [trace])
        ])

    private static let optimizationEvents = FleetChannel(
        name: "optimizationEvents", address: StreamNames.optimizationEvents, kind: .exchange,
        text: "What happens in optimizations.",
        messages: [
            FleetMessage(
                "OptimizationEvent", "One step of one optimization.",
                key: StreamNames.optimizationEvent("{event_type}"),
                OptimizationEvent.schema, headers: [trace])
        ])

    private static let fleetEvents = FleetChannel(
        name: "fleetEvents", address: StreamNames.fleetEvents, kind: .exchange, text: "What operators should know of.",
        messages: [
            FleetMessage(
                "AlertChange", "An alert is raised, updated or resolved.",
                key: StreamNames.alert("{change}", host: "{host}"),
                AlertChange.schema),
            FleetMessage(
                "AlertAcknowledgement", "Somebody has seen an alert.",
                key: StreamNames.alert("acknowledged", host: "{host}"), AlertAcknowledgement.schema, headers: [trace]),
            FleetMessage(
                "HostChange", "A host is heard of again, or no more.",
                key: StreamNames.host("{state}", host: "{host}"), HostChange.schema),
            FleetMessage(
                "CommandFailureNotice", "A command has ended badly.",
                // Written out: braces are no letters of a device.
                key: "command.failed.{device}", CommandFailureNotice.schema, headers: [trace]),
        ])

    private static let fleetControl = FleetChannel(
        name: "fleetControl", address: StreamNames.fleetControl, kind: .exchange, text: "Orders to every worker.",
        messages: [
            FleetMessage(
                "Cancellation", "Stop a session.", key: StreamNames.cancelSession("{session_id}"),
                ControlMessage.schema, headers: [trace])
        ])

    private static let fleetAudit = FleetChannel(
        name: "fleetAudit", address: StreamNames.fleetAudit, kind: .exchange, text: "Who did what; kept for 90 days.",
        messages: [
            FleetMessage(
                "AuditRecord", "One thing that somebody did or was refused.", key: StreamNames.audit("{event}"),
                AuditRecord.schema, headers: [trace])
        ])

    private static let deviceCommands = FleetChannel(
        name: "deviceCommands", address: StreamNames.deviceCommands, kind: .topic,
        text:
            "Commands to devices, which connectors deliver, and the devices' answers. `KAFKA_COMMAND_TOPIC` renames it.",
        messages: [
            FleetMessage(
                "DeviceCommand", "One command.", key: "the device's id", CommandRecord.schema,
                headers: CommandRecord.headerSchema + [trace]),
            FleetMessage("DeviceFeedback", "A device's answer to a command.", CommandFeedback.schema),
        ])

    private static let deviceCommandStatus = FleetChannel(
        name: "deviceCommandStatus", address: StreamNames.deviceCommandStatus, kind: .topic,
        text: "What became of commands.",
        messages: [
            FleetMessage(
                "PublishedCommands", "The commands of one job that reached Kafka.", PublishedCommands.schema,
                isLines: true),
            FleetMessage("CommandStatus", "A command that came to another state.", CommandStatus.schema, isLines: true),
            FleetMessage(
                "DeviceReport", "What a device connector says of a command.", DeviceReport.schema, isLines: true),
        ])

    private static let hostMetrics = FleetChannel(
        name: "hostMetrics", address: StreamNames.hostMetrics, kind: .topic, text: "How busy the hosts are.",
        messages: [FleetMessage("HostSample", "One reading of one host.", key: "the host's name", HostSample.schema)])

    private static let fleetConfiguration = FleetChannel(
        name: "fleetConfiguration", address: StreamNames.fleetConfiguration, kind: .topic,
        text: "The settings of the fleet, users and keys among them; compacted.",
        messages: [
            FleetMessage(
                "ConfigurationChange", "A change of one setting.", key: "SETTING#ID", ConfigurationChange.schema)
        ])
}
