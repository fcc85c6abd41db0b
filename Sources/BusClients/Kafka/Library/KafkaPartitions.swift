internal import CRdKafka

/// Owns a list of partitions of one topic with their offsets.
final class KafkaPartitions {
    let raw: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    /// What librdkafka says of one partition.
    struct Element {
        let topic: String
        let partition: Int
        let offset: Int64
        let error: rd_kafka_resp_err_t
    }

    init(_ topic: Topic, _ offsets: some Sequence<(partition: Int, offset: Int64)>) throws(BusError) {
        guard let raw = rd_kafka_topic_partition_list_new(0) else { throw BusError(.unavailable, "out of memory") }
        self.raw = raw
        for (partition, offset) in offsets {
            let element = rd_kafka_topic_partition_list_add(raw, topic.rawValue, Int32(clamping: partition))
            element?.pointee.offset = offset
        }
    }

    deinit { rd_kafka_topic_partition_list_destroy(raw) }

    var elements: [Element] { Self.elements(of: raw) }

    /// What a list holds that librdkafka owns.
    static func elements(of raw: UnsafePointer<rd_kafka_topic_partition_list_t>) -> [Element] {
        guard let first = raw.pointee.elems else { return [] }
        return (0..<Int(raw.pointee.cnt)).map { index in
            let element = first[index]
            return Element(
                topic: element.topic.map { String(cString: $0) } ?? "", partition: Int(element.partition),
                offset: element.offset, error: element.err)
        }
    }
}
