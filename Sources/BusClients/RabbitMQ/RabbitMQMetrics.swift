internal import Runtime

/// The figures of one client; without a registry nothing is counted.
final class RabbitMQMetrics: Sendable {
    private let connections: Counter?
    private let losses: Counter?
    private let isConnected: Gauge?
    private let isBlocked: Gauge.Handle?
    private let unconfirmed: Gauge.Handle?
    private let published: Counter.Handle?
    private let confirmed: Counter.Handle?
    private let resent: Counter.Handle?
    private let returned: Counter.Handle?
    private let refused: Counter.Handle?
    private let delivered: Counter.Handle?
    private let acked: Counter.Handle?
    private let retried: Counter.Handle?
    private let rejected: Counter.Handle?

    init(_ registry: MetricsRegistry?) {
        func counter(_ name: String, _ help: String) -> Counter.Handle? {
            registry?.counter("flotilla_bus_rabbitmq_\(name)", help: help).labelled([])
        }
        connections = registry?.counter(
            "flotilla_bus_rabbitmq_connects_total", help: "Connections made to RabbitMQ.", labels: ["connection"])
        losses = registry?.counter(
            "flotilla_bus_rabbitmq_connection_losses_total", help: "Connections to RabbitMQ that were lost.",
            labels: ["connection"])
        isConnected = registry?.gauge(
            "flotilla_bus_rabbitmq_connected", help: "Whether the connection to RabbitMQ stands.",
            labels: ["connection"])
        isBlocked = registry?.gauge(
            "flotilla_bus_rabbitmq_blocked", help: "Whether RabbitMQ takes no messages, as under a memory alarm."
        ).labelled([])
        unconfirmed = registry?.gauge(
            "flotilla_bus_rabbitmq_unconfirmed_messages", help: "Messages sent and not confirmed."
        ).labelled([])
        published = counter("published_total", "Messages sent to RabbitMQ.")
        confirmed = counter("confirmed_total", "Messages RabbitMQ has confirmed.")
        resent = counter("resent_total", "Messages sent again because their confirm was lost with a connection.")
        returned = counter("returned_total", "Messages RabbitMQ had no queue for.")
        refused = counter("refused_total", "Messages RabbitMQ refused, such as for a full queue.")
        delivered = counter("delivered_total", "Messages RabbitMQ delivered.")
        let settled = registry?.counter(
            "flotilla_bus_rabbitmq_settled_total", help: "Deliveries settled.", labels: ["settlement"])
        acked = settled?.labelled(["ack"])
        retried = settled?.labelled(["retry"])
        rejected = settled?.labelled(["reject"])
        blocked(false)
        setUnconfirmed(0)
    }

    func connected(_ purpose: String) {
        connections?.increment([purpose])
        isConnected?.set(1, [purpose])
    }

    func lost(_ purpose: String) {
        losses?.increment([purpose])
        isConnected?.set(0, [purpose])
    }

    func blocked(_ isBlocked: Bool) { self.isBlocked?.set(isBlocked ? 1 : 0) }

    func setUnconfirmed(_ count: Int) { unconfirmed?.set(Double(count)) }

    func published(_ count: Int, resent again: Int) {
        published?.increment(by: Double(count))
        if again > 0 { resent?.increment(by: Double(again)) }
    }

    func confirmed(_ count: Int, returned back: Int, refused no: Int) {
        if count > 0 { confirmed?.increment(by: Double(count)) }
        if back > 0 { returned?.increment(by: Double(back)) }
        if no > 0 { refused?.increment(by: Double(no)) }
    }

    func delivered(_ count: Int) { delivered?.increment(by: Double(count)) }

    func settled(_ settlement: Settlement) {
        switch settlement {
        case .ack: acked?.increment()
        case .retry: retried?.increment()
        case .reject: rejected?.increment()
        }
    }
}
