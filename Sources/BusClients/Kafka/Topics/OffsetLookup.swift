internal import CRdKafka

/// Asks for the offsets of a topic's partitions and of a group.
struct OffsetLookup: Sendable {
    let lookup: ClusterLookup

    /// The retained offsets of the partitions `0..<count`: one request to each broker for the ends, and one for the
    /// starts.
    func retained(_ topic: Topic, partitions: some Sequence<Int> & Sendable) async throws(BusError) -> [Range<Int64>] {
        try await lookup.retrying { handle, milliseconds in
            // The ends first: a start that moves meanwhile only makes a range shorter.
            let ends = try Self.list(topic, partitions, at: Int64(RD_KAFKA_OFFSET_END), handle, milliseconds)
            let starts = try Self.list(topic, partitions, at: Int64(RD_KAFKA_OFFSET_BEGINNING), handle, milliseconds)
            return zip(starts, ends).map { start, end in min(start, end)..<end }
        }
    }

    private static func list(
        _ topic: Topic, _ partitions: some Sequence<Int>, at place: Int64, _ handle: KafkaHandle, _ milliseconds: Int32
    ) throws(BusError) -> [Int64] {
        let list = try KafkaPartitions(topic, partitions.map { ($0, place) })
        // The start and the end are times as well: -2 and -1, in the protocol's ListOffsets.
        let error = rd_kafka_offsets_for_times(handle.raw, list.raw, milliseconds)
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { throw BusError(kafka: error, "reading the offsets") }
        var offsets: [Int64] = []
        for element in list.elements {
            guard element.error == RD_KAFKA_RESP_ERR_NO_ERROR, element.offset >= 0 else {
                throw BusError(kafka: element.error, "reading the offsets")
            }
            offsets.append(element.offset)
        }
        return offsets
    }

    /// The committed offsets of a group; a partition without one is absent.
    func committed(
        _ group: ConsumerGroup, _ topic: Topic, partitions: Int
    ) async throws(BusError) -> [Int: Int64] {
        try await lookup.retrying { handle, milliseconds in
            let list = try KafkaPartitions(
                topic, (0..<partitions).map { ($0, Int64(RD_KAFKA_OFFSET_INVALID)) })
            var request: OpaquePointer? = rd_kafka_ListConsumerGroupOffsets_new(group.rawValue, list.raw)
            defer { if let request { rd_kafka_ListConsumerGroupOffsets_destroy(request) } }
            let event = try AdminCall(RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, "reading committed offsets")
                .run(on: handle, within: milliseconds) { options, queue in
                    rd_kafka_ListConsumerGroupOffsets(handle.raw, &request, 1, options, queue)
                }
            guard let result = rd_kafka_event_ListConsumerGroupOffsets_result(event.raw) else { return [:] }
            var count = 0
            guard let groups = rd_kafka_ListConsumerGroupOffsets_result_groups(result, &count), count > 0,
                let answer = groups[0]
            else { return [:] }
            if let error = rd_kafka_group_result_error(answer) {
                throw BusError(kafka: rd_kafka_error_code(error), "reading committed offsets")
            }
            guard let found = rd_kafka_group_result_partitions(answer) else { return [:] }
            var offsets: [Int: Int64] = [:]
            for element in KafkaPartitions.elements(of: found) {
                guard element.error == RD_KAFKA_RESP_ERR_NO_ERROR else {
                    throw BusError(kafka: element.error, "reading committed offsets")
                }
                if element.offset >= 0 { offsets[element.partition] = element.offset }
            }
            return offsets
        }
    }
}
