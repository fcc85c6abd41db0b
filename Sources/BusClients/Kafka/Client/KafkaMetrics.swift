internal import Runtime
internal import Synchronization

/// The figures of a Kafka client.
final class KafkaMetrics: Sendable {
    let appended: Counter.Handle
    let read: Counter
    let replacements: Counter
    private let failed: Counter
    private let brokerUp: Gauge
    private let roundTrip: Gauge
    private let waitingRequests: Gauge
    private let queuedRecords: Gauge.Handle
    private let queuedBytes: Gauge.Handle
    private let lag: Gauge
    /// The lag series that are shown, by who reads, to remove those of partitions that went to others.
    private let shownLags = Mutex<[String: Set<[String]>]>([:])

    init(_ registry: MetricsRegistry) {
        appended = registry.counter("flotilla_kafka_appended_records_total", help: "Records that brokers confirmed.")
            .labelled([])
        failed = registry.counter(
            "flotilla_kafka_failed_appends_total", help: "Append calls that failed.", labels: ["error"])
        read = registry.counter(
            "flotilla_kafka_read_records_total", help: "Records handed out to consumers and followers.",
            labels: ["topic"])
        replacements = registry.counter(
            "flotilla_kafka_producer_replacements_total",
            help: "Producers that were given up with what they held, and replaced.", labels: ["reason"])
        brokerUp = registry.gauge(
            "flotilla_kafka_broker_up", help: "Whether the producer is connected to the broker.", labels: ["broker"])
        roundTrip = registry.gauge(
            "flotilla_kafka_broker_round_trip_seconds", help: "Time from a produce request to its answer.",
            labels: ["broker", "quantile"])
        waitingRequests = registry.gauge(
            "flotilla_kafka_broker_waiting_requests", help: "Requests that wait to be sent.", labels: ["broker"])
        queuedRecords = registry.gauge(
            "flotilla_kafka_producer_queued_records", help: "Records that wait to be confirmed."
        ).labelled([])
        queuedBytes = registry.gauge(
            "flotilla_kafka_producer_queued_bytes", help: "Bytes of records that wait to be confirmed."
        ).labelled([])
        lag = registry.gauge(
            "flotilla_kafka_consumer_lag_records", help: "Records that this process's member has not handled yet.",
            labels: ["group", "topic", "partition"])
    }

    func countFailure(_ error: BusError) { failed.increment([error.code.rawValue]) }

    func show(producer statistics: KafkaStatistics) {
        queuedRecords.set(statistics.queuedRecords)
        queuedBytes.set(statistics.queuedBytes)
        for broker in statistics.brokers {
            let id = "\(broker.id)"
            brokerUp.set(broker.isUp ? 1 : 0, [id])
            roundTrip.set(broker.meanRoundTrip, [id, "mean"])
            roundTrip.set(broker.slowRoundTrip, [id, "0.99"])
            waitingRequests.set(broker.waitingRequests, [id])
        }
    }

    /// - Parameter member: Which member reads them; another of this process may read other partitions.
    func show(lags: [KafkaStatistics.Lag], of group: ConsumerGroup, member: String) {
        var shown: Set<[String]> = []
        for lag in lags {
            let labels = [group.rawValue, lag.topic, "\(lag.partition)"]
            self.lag.set(lag.records, labels)
            shown.insert(labels)
        }
        let gone = shownLags.withLock { all in
            let others = all.filter { $0.key != member }.values.reduce(into: Set()) { $0.formUnion($1) }
            let gone = (all[member] ?? []).subtracting(shown).subtracting(others)
            all[member] = shown.isEmpty ? nil : shown
            return gone
        }
        for labels in gone { lag.remove(labels) }
    }
}
