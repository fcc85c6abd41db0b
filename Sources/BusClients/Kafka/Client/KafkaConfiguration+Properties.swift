internal import CRdKafka

extension KafkaConfiguration {
    /// Fails unless every field has a value that the transport can work with.
    func validate() throws(BusError) {
        try KafkaProperties.validate(properties)
        let durations = [connectTimeout, deliveryTimeout, requestTimeout, sessionTimeout, statisticsInterval]
        guard durations.allSatisfy({ $0 >= .milliseconds(100) && $0 <= .seconds(3600) }) else {
            throw BusError(.unsupported, "Kafka time-outs and intervals are between 100 ms and an hour")
        }
        guard (.zero ... .seconds(900)).contains(linger), linger < deliveryTimeout else {
            throw BusError(.unsupported, "the Kafka linger time is at most 15 minutes, and less than the delivery's")
        }
        guard maximumBufferedRecords > 0, maximumBufferedBytes > 0, (1 << 20...1 << 30).contains(maximumFetchedBytes)
        else { throw BusError(.unsupported, "Kafka buffers hold at least a record, fetched ones 1 MiB to 1 GiB") }
        if let replicationFactor, !(1...Int(Int16.max)).contains(replicationFactor) {
            throw BusError(.unsupported, "a Kafka replication factor is at least 1")
        }
    }

    /// What every client has in common.
    private var common: KafkaProperties {
        var common = KafkaProperties()
        common["bootstrap.servers"] = bootstrapServers
        common["client.id"] = clientID
        // A broker that is back is found within 2 s, not 10.
        common["reconnect.backoff.max.ms"] = "2000"
        common["socket.nagle.disable"] = "true"
        common["socket.keepalive.enable"] = "true"
        // A topic's partitions, when somebody adds some, are known within half a minute, as `TopicDirectory` does.
        common["topic.metadata.refresh.interval.ms"] = "\(TopicDirectory.refreshInterval.milliseconds)"
        return common
    }

    /// The producer's properties: nothing is lost, sent twice or put out of order by it.
    var producer: KafkaProperties {
        var producer = common
        producer.add(properties)
        producer["enable.idempotence"] = "true"
        producer["acks"] = "all"
        // A batch that a broker refuses for good ends the client, so that nothing follows the hole.
        producer["enable.gapless.guarantee"] = "true"
        // No time-out of single records, which would leave holes: `Producer` gives up on all at once.
        producer["message.timeout.ms"] = "0"
        producer["partitioner"] = "murmur2_random"
        producer["linger.ms"] = "\(linger.milliseconds)"
        producer["compression.codec"] = compression.rawValue
        // Room for the key, headers and framing of the largest body.
        producer["message.max.bytes"] = "\(Message.maximumBodyBytes + (1 << 20))"
        // Our own bound holds before these, the library's largest, do.
        producer["queue.buffering.max.messages"] = "10000000"
        producer["queue.buffering.max.kbytes"] = "2147483647"
        producer["statistics.interval.ms"] = "\(statisticsInterval.milliseconds)"
        producer.events = RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS
        return producer
    }

    /// A client that looks things up.
    var lookup: KafkaProperties {
        var lookup = reading
        lookup.events = RD_KAFKA_EVENT_ERROR
        return lookup
    }

    /// A client that reads given partitions, outside of any group.
    var reading: KafkaProperties {
        var reading = common
        reading["fetch.wait.max.ms"] = "100"
        reading["queued.min.messages"] = "250000"
        reading["isolation.level"] = "read_committed"
        reading.add(properties)
        reading["allow.auto.create.topics"] = "false"
        reading["auto.offset.reset"] = "earliest"
        reading["enable.auto.commit"] = "false"
        reading["enable.auto.offset.store"] = "false"
        reading["queued.max.messages.kbytes"] = "\(maximumFetchedBytes >> 10)"
        return reading
    }

    /// A client that reads a range and stops at its end.
    var rangeReading: KafkaProperties {
        var reading = reading
        // The fetch that runs ahead beyond the end must not hold up the next range on the same connection.
        reading["fetch.wait.max.ms"] = "1"
        reading["enable.partition.eof"] = "true"
        return reading
    }

    /// A member of a group.
    func member(of group: ConsumerGroup) -> KafkaProperties {
        var member = reading
        if member["partition.assignment.strategy"] == nil {
            member["partition.assignment.strategy"] = "cooperative-sticky"
        }
        member["group.id"] = group.rawValue
        member["session.timeout.ms"] = "\(sessionTimeout.milliseconds)"
        member["heartbeat.interval.ms"] = "\(max(1, sessionTimeout.milliseconds / 4))"
        // The member's thread always serves the group, however slow the worker is.
        member["max.poll.interval.ms"] = "\(max(300_000, sessionTimeout.milliseconds))"
        member["statistics.interval.ms"] = "\(statisticsInterval.milliseconds)"
        member.events =
            RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS
        return member
    }
}
