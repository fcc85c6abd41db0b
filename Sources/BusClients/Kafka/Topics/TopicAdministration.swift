internal import CRdKafka
internal import Runtime
internal import Synchronization

/// Creates topics, and keeps the settings of existing ones as they are asked for.
final class TopicAdministration: Sendable {
    private let core: KafkaCore
    private let lookup: ClusterLookup
    private let directory: TopicDirectory
    private let hasWarned = Atomic(false)

    init(_ core: KafkaCore, lookup: ClusterLookup, directory: TopicDirectory) {
        self.core = core
        self.lookup = lookup
        self.directory = directory
    }

    func create(_ topic: Topic, _ options: TopicOptions) async throws(BusError) {
        try topic.validate()
        guard (1...10_000).contains(options.partitions) else {
            throw BusError(.unsupported, "a topic has 1 to 10,000 partitions, not \(options.partitions)")
        }
        if let entry = try await directory.look(for: topic) {
            return try await adjust(topic, options, partitions: entry.partitions)
        }
        do {
            try await createNew(topic, options)
        } catch  where error.underlyingCode == Int(RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS.rawValue) {
            let partitions = try await directory.partitions(of: topic)
            return try await adjust(topic, options, partitions: partitions)
        }
        try await awaitLeaders(of: topic)
    }

    private func createNew(_ topic: Topic, _ options: TopicOptions) async throws(BusError) {
        let replication = Int32(core.configuration.replicationFactor ?? -1)
        try await lookup.retrying { handle, milliseconds in
            var reason = [CChar](repeating: 0, count: 256)
            var request = rd_kafka_NewTopic_new(
                topic.rawValue, Int32(options.partitions), replication, &reason, reason.count)
            guard request != nil else {
                throw BusError(.unsupported, "the topic is refused: \(String(nulTerminated: reason))")
            }
            defer { rd_kafka_NewTopic_destroy(request) }
            for (name, value) in TopicSettings(options, partitions: options.partitions).values {
                let error = rd_kafka_NewTopic_set_config(request, name, value)
                guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { throw BusError(kafka: error, "creating the topic") }
            }
            let event = try AdminCall(RD_KAFKA_ADMIN_OP_CREATETOPICS, "creating the topic")
                .run(on: handle, within: milliseconds) { options, queue in
                    rd_kafka_CreateTopics(handle.raw, &request, 1, options, queue)
                }
            var count = 0
            guard let result = rd_kafka_event_CreateTopics_result(event.raw),
                let topics = rd_kafka_CreateTopics_result_topics(result, &count), count > 0
            else { throw BusError(.unavailable, "creating the topic failed: an empty answer") }
            let error = rd_kafka_topic_result_error(topics[0])
            guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { throw BusError(kafka: error, "creating the topic") }
        }
    }

    /// Waits until appends and reads find the topic.
    private func awaitLeaders(of topic: Topic) async throws(BusError) {
        let deadline = core.time.uptime + core.configuration.requestTimeout
        while core.time.uptime < deadline {
            if let entry = try await directory.look(for: topic), entry.isServed { return }
            do { try await core.time.sleep(for: .milliseconds(50)) } catch { throw ClusterLookup.cancelled }
        }
        throw BusError(.unavailable, "the topic was created, but has no leaders yet")
    }

    /// Writes the settings of an existing topic where they differ; the partitions stay.
    private func adjust(_ topic: Topic, _ options: TopicOptions, partitions: Int) async throws(BusError) {
        let settings = TopicSettings(options, partitions: partitions)
        do {
            try await lookup.retrying { handle, milliseconds in
                let current = try TopicConfiguration(topic).read(from: handle, within: milliseconds)
                guard let change = settings.change(of: current) else { return }
                try TopicConfiguration(topic).write(change, to: handle, within: milliseconds)
            }
        } catch  where error.code == .unsupported || error.code == .accessRefused {
            // The topic is there, and appends and reads work; whoever runs the brokers decides over its settings.
            guard !hasWarned.exchange(true, ordering: .relaxed) else { return }
            core.logger.warning("topic_settings_kept", ["topic": "\(topic)", "error": "\(error)"])
        }
    }
}
