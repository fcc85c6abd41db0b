import BusClients

/// Consumes a topic that was filled before as the one member of a new group: reads key, value and both headers of every
/// record, and commits once a second.
///
/// arguments: SERVERS TOPIC GROUP COUNT [PROPERTY=VALUE…]
///
/// The clock starts with the first records: joining a group takes seconds.
enum KafkaConsume {
    static func run(_ arguments: inout Arguments) async throws -> Outcome {
        let servers = try arguments.text("SERVERS")
        let topic = Topic(try arguments.text("TOPIC"))
        let group = ConsumerGroup(try arguments.text("GROUP"))
        let wanted = try arguments.count("COUNT")
        let client = try await KafkaClient.connect(arguments.kafkaConfiguration(servers: servers))
        let consumer = try await client.log.consume(topic, group: group)

        var batch = try await consumer.next()
        let measurement = Measurement()
        var commit = SecondlyCommit(consumer)
        var messages = 0
        var bytes = 0
        while let records = batch {
            for record in records { bytes += try Payloads.size(of: record.record) }
            messages += records.count
            try await commit.handled(records)
            if messages >= wanted { break }
            batch = try await consumer.next()
        }
        try await commit.commit()
        let outcome = measurement.outcome(messages: messages, bytes: bytes)
        await consumer.close()
        await client.close()
        return outcome
    }
}
