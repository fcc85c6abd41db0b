import BusClients
import BusTestKit
import Runtime

/// A mock cluster with a client of it, as `withKafka` gives them.
struct MockedKafka: Sendable {
    let cluster: KafkaMockCluster
    let client: KafkaClient
    let log: MockedLog
    let metrics: MetricsRegistry
    let logged: LogMemory

    /// Another client of the cluster, as another process would have one; the caller closes it.
    func connect(_ change: (inout KafkaConfiguration) -> Void = { _ in }) async throws -> KafkaClient {
        try await KafkaClient.connect(try .mocked(cluster, change))
    }
}

extension KafkaConfiguration {
    /// What suits the mock cluster: short times, because the mock makes an empty fetch wait for all of its time and
    /// rebalances a group only when a session would have ended.
    static func mocked(
        _ cluster: KafkaMockCluster, _ change: (inout KafkaConfiguration) -> Void = { _ in }
    ) throws -> KafkaConfiguration {
        var configuration = try KafkaConfiguration(bootstrapServers: cluster.bootstrapServers)
        configuration.sessionTimeout = .milliseconds(3500)
        configuration.statisticsInterval = .seconds(1)
        configuration.properties["fetch.wait.max.ms"] = "10"
        change(&configuration)
        return configuration
    }
}

/// Runs the body with a cluster of its own, and ends both.
func withKafka(
    brokers: Int = 3, _ change: (inout KafkaConfiguration) -> Void = { _ in },
    _ body: (MockedKafka) async throws -> Void
) async throws {
    let cluster = try await KafkaMockCluster.start(brokers: brokers)
    let metrics = MetricsRegistry()
    let logged = LogMemory()
    let client = try await KafkaClient.connect(
        try .mocked(cluster, change), time: SystemTime(),
        logger: Logger(component: "kafka", sink: LogSink(memory: logged)), metrics: metrics)
    do {
        try await body(
            MockedKafka(
                cluster: cluster, client: client, log: MockedLog(base: client.log, cluster: cluster), metrics: metrics,
                logged: logged))
    } catch {
        await client.close()
        await cluster.stop()
        throw error
    }
    await client.close()
    await cluster.stop()
}

/// A log on a mock cluster, which has no CreateTopics: topics are made by order, then by the log.
struct MockedLog: MessageLog {
    let base: any MessageLog
    let cluster: KafkaMockCluster

    func createTopic(_ topic: Topic, _ options: TopicOptions) async throws(BusError) {
        do {
            try await cluster.createTopic(topic.rawValue, partitions: options.partitions)
        } catch {
            throw BusError(.unsupported, "\(error)")
        }
        try await base.createTopic(topic, options)
    }

    func append(_ records: [LogRecord], to topic: Topic) async throws(BusError) -> [LogPosition] {
        try await base.append(records, to: topic)
    }

    func consume(_ topic: Topic, group: ConsumerGroup) async throws(BusError) -> any LogConsumer {
        try await base.consume(topic, group: group)
    }

    func follow(_ topic: Topic, from offsets: [Int: Int64]) async throws(BusError) -> LogRecords {
        try await base.follow(topic, from: offsets)
    }

    func read(
        _ topic: Topic, partition: Int, from offset: Int64, limit: Int
    ) async throws(BusError) -> [StoredRecord] {
        try await base.read(topic, partition: partition, from: offset, limit: limit)
    }

    func offsets(of topic: Topic) async throws(BusError) -> [Range<Int64>] { try await base.offsets(of: topic) }

    func partition(of key: String, in topic: Topic) async throws(BusError) -> Int {
        try await base.partition(of: key, in: topic)
    }

    func committedOffsets(of group: ConsumerGroup, in topic: Topic) async throws(BusError) -> [Int: Int64] {
        try await base.committedOffsets(of: group, in: topic)
    }

    var features: MessageLogFeatures { base.features }

    var connection: ConnectionHealth { base.connection }
}
