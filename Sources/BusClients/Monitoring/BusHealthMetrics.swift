internal import Runtime
internal import Synchronization

/// The figures of `BusHealth` as metrics.
final class BusHealthMetrics: Sendable {
    private let connected: Gauge
    private let ready: Gauge
    private let unsettled: Gauge
    private let oldestUnsettled: Gauge
    private let lag: Gauge
    private let sinceProgress: Gauge
    private let waiting: Gauge
    private let oldestWaiting: Gauge
    /// The series of consumers that are set, to remove those of consumers that ended.
    private let known = Mutex<Set<[String]>>([])

    init(_ registry: MetricsRegistry) {
        let consumer = ["port", "source", "group"]
        let producer = ["port", "target"]
        connected = registry.gauge(
            "flotilla_bus_connected", help: "Whether the port is connected and takes messages.",
            labels: ["port", "transport"])
        ready = registry.gauge("flotilla_bus_ready", help: "Whether every port is connected and no work stands still.")
        unsettled = registry.gauge(
            "flotilla_bus_unsettled_messages", help: "Messages in the hands of this process.", labels: consumer)
        oldestUnsettled = registry.gauge(
            "flotilla_bus_oldest_unsettled_seconds", help: "Age of the oldest message in hand; 0 for none.",
            labels: consumer)
        lag = registry.gauge(
            "flotilla_bus_consumer_lag_messages", help: "Messages that wait in the broker.", labels: consumer)
        sinceProgress = registry.gauge(
            "flotilla_bus_since_progress_seconds", help: "Since a message was taken, settled or in progress.",
            labels: consumer)
        waiting = registry.gauge(
            "flotilla_bus_waiting_writes", help: "Writes that the broker has not confirmed yet.", labels: producer)
        oldestWaiting = registry.gauge(
            "flotilla_bus_oldest_waiting_write_seconds", help: "Age of the oldest unconfirmed write; 0 for none.",
            labels: producer)
    }

    func update(_ health: BusHealth) {
        ready.set(health.isReady ? 1 : 0)
        var present: Set<[String]> = []
        for port in health.ports {
            connected.set(
                port.connection.state == .connected ? 1 : 0, [port.port.rawValue, port.connection.transport.rawValue])
            for consumer in port.consumers {
                let labels = [port.port.rawValue, consumer.source, consumer.group ?? ""]
                present.insert(labels)
                unsettled.set(Double(consumer.unsettled), labels)
                oldestUnsettled.set(consumer.oldestUnsettled.map { $0 / .seconds(1) } ?? 0, labels)
                if let waits = consumer.lag { lag.set(Double(waits), labels) } else { lag.remove(labels) }
                sinceProgress.set(consumer.sinceProgress / .seconds(1), labels)
            }
            for producer in port.producers {
                let labels = [port.port.rawValue, producer.target]
                waiting.set(Double(producer.waiting), labels)
                oldestWaiting.set(producer.oldestWaiting.map { $0 / .seconds(1) } ?? 0, labels)
            }
        }
        let gone = known.withLock { known in
            defer { known = present }
            return known.subtracting(present)
        }
        for labels in gone { for gauge in [unsettled, oldestUnsettled, lag, sinceProgress] { gauge.remove(labels) } }
    }
}
