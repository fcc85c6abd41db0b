import CRdKafka
import Runtime

/// A plain librdkafka consumer that asks a cluster how things are.
///
/// `@unchecked Sendable`: the handle is librdkafka's, which is thread-safe, and goes when nobody has the probe.
final class KafkaProbe: @unchecked Sendable {
    private let handle: OpaquePointer
    private let thread = BlockingThread(name: "kafka-probe")

    struct Failure: Error { let reason: String }

    init(_ bootstrapServers: String, group: String = "probe") throws {
        let configuration = rd_kafka_conf_new()
        let settings = [
            "bootstrap.servers": bootstrapServers, "group.id": group, "log_level": "0", "reconnect.backoff.ms": "10",
            "reconnect.backoff.max.ms": "50", "allow.auto.create.topics": "false",
        ]
        for (name, value) in settings {
            guard rd_kafka_conf_set(configuration, name, value, nil, 0) == RD_KAFKA_CONF_OK else {
                throw Failure(reason: name)
            }
        }
        guard let handle = rd_kafka_new(RD_KAFKA_CONSUMER, configuration, nil, 0) else {
            throw Failure(reason: "rd_kafka_new")
        }
        self.handle = handle
    }

    deinit { rd_kafka_destroy(handle) }

    /// The leaders of a topic's partitions; −1 for none.
    func leaders(_ topic: String, milliseconds: Int32 = 5_000) async throws -> [Int] {
        try await thread.run { [self] in
            let topic = rd_kafka_topic_new(handle, topic, nil)
            defer { rd_kafka_topic_destroy(topic) }
            var metadata: UnsafePointer<rd_kafka_metadata>?
            let code = rd_kafka_metadata(handle, 0, topic, &metadata, milliseconds)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else {
                throw Failure(reason: String(cString: rd_kafka_err2str(code)))
            }
            defer { rd_kafka_metadata_destroy(metadata) }
            let found = metadata.pointee.topics[0]
            return (0..<Int(found.partition_cnt)).map { Int(found.partitions[$0].leader) }
        }
    }

    /// The code that a question for a partition's offsets ends with; 0 when it is answered. While the partition's
    /// leader is down librdkafka 2.0.2 does not return at all, whatever time-out it is given.
    func offsets(_ topic: String, _ partition: Int) async throws -> Int {
        try await thread.run { [self] in
            var low: Int64 = 0
            var high: Int64 = 0
            let code = rd_kafka_query_watermark_offsets(
                handle, topic, Int32(partition), &low, &high, 5_000)
            return Int(code.rawValue)
        }
    }

    /// The code that a question for the group's offset, within that time, ends with; 0 when it is answered.
    func committed(_ topic: String, milliseconds: Int32 = 5_000) async throws -> Int {
        try await thread.run { [self] in
            let list = rd_kafka_topic_partition_list_new(1)
            defer { rd_kafka_topic_partition_list_destroy(list) }
            rd_kafka_topic_partition_list_add(list, topic, 0)
            return Int(rd_kafka_committed(handle, list, milliseconds).rawValue)
        }
    }
}
