internal import CRdKafka

/// Reads and writes the settings of a topic; on a thread that may block.
struct TopicConfiguration {
    private let topic: Topic

    init(_ topic: Topic) { self.topic = topic }

    /// Every setting, and whether it is the topic's own rather than a default.
    func read(
        from handle: KafkaHandle, within milliseconds: Int32
    ) throws -> [(name: String, value: String, isOwn: Bool)] {
        let what = "reading the topic's settings"
        var request = try resource()
        defer { rd_kafka_ConfigResource_destroy(request) }
        let event = try AdminCall(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, what)
            .run(
                on: handle, broker: try AdminCall.anyBroker(of: handle, within: milliseconds), within: milliseconds
            ) { options, queue in
                rd_kafka_DescribeConfigs(handle.raw, &request, 1, options, queue)
            }
        var count = 0
        guard let result = rd_kafka_event_DescribeConfigs_result(event.raw),
            let answers = rd_kafka_DescribeConfigs_result_resources(result, &count), count > 0, let answer = answers[0]
        else { throw BusError(.unavailable, "\(what) failed: an empty answer") }
        try check(answer, what)
        var entries = 0
        guard let list = rd_kafka_ConfigResource_configs(answer, &entries) else { return [] }
        return (0..<entries).compactMap { index in
            guard let entry = list[index], let name = rd_kafka_ConfigEntry_name(entry),
                let value = rd_kafka_ConfigEntry_value(entry)
            else { return nil }
            let isOwn = rd_kafka_ConfigEntry_source(entry) == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG
            return (String(cString: name), String(cString: value), isOwn)
        }
    }

    /// Replaces the topic's own settings.
    func write(_ values: [String: String], to handle: KafkaHandle, within milliseconds: Int32) throws {
        let what = "changing the topic's settings"
        var request = try resource()
        defer { rd_kafka_ConfigResource_destroy(request) }
        for (name, value) in values {
            let error = rd_kafka_ConfigResource_set_config(request, name, value)
            guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { throw BusError(kafka: error, what) }
        }
        let event = try AdminCall(RD_KAFKA_ADMIN_OP_ALTERCONFIGS, what)
            .run(
                on: handle, broker: try AdminCall.anyBroker(of: handle, within: milliseconds), within: milliseconds
            ) { options, queue in
                rd_kafka_AlterConfigs(handle.raw, &request, 1, options, queue)
            }
        var count = 0
        guard let result = rd_kafka_event_AlterConfigs_result(event.raw),
            let answers = rd_kafka_AlterConfigs_result_resources(result, &count), count > 0, let answer = answers[0]
        else { throw BusError(.unavailable, "\(what) failed: an empty answer") }
        try check(answer, what)
    }

    private func resource() throws -> OpaquePointer? {
        guard let resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.rawValue) else {
            throw BusError(.unavailable, "out of memory")
        }
        return resource
    }

    private func check(_ answer: OpaquePointer, _ what: String) throws {
        let error = rd_kafka_ConfigResource_error(answer)
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { throw BusError(kafka: error, what) }
    }
}
