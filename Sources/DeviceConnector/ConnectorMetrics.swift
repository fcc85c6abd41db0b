import Runtime

/// What a connector counts.
struct ConnectorMetrics: Sendable {
    private let commands: Counter
    private let connected: Gauge.Handle
    private let delay: Histogram.Handle

    init(_ registry: MetricsRegistry) {
        commands = registry.counter(
            "flotilla_device_commands_total",
            help: "What a connector reported of commands, and the records that it did not deliver.",
            labels: ["outcome"])
        connected =
            registry.gauge("flotilla_mqtt_connected", help: "1 while the MQTT broker has accepted the connection.")
            .labelled([])
        delay =
            registry.histogram(
                "flotilla_mqtt_acknowledgement_seconds",
                help: "From publishing a command to the broker's acknowledgement."
            ).labelled([])
    }

    func count(_ outcome: String) { commands.increment([outcome]) }

    func isConnected(_ value: Bool) { connected.set(value ? 1 : 0) }

    func acknowledged(after duration: Duration) { delay.observe(duration) }
}
