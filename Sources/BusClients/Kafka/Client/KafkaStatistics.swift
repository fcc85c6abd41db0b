internal import CRdKafka

/// What we show of librdkafka's statistics.
struct KafkaStatistics: Equatable {
    /// One broker, seen from a client.
    struct Broker: Equatable {
        var id: Int
        var isUp: Bool
        /// Seconds from a request to its answer, over the last interval.
        var meanRoundTrip: Double
        var slowRoundTrip: Double
        /// Requests that wait to be sent.
        var waitingRequests: Double
    }

    /// One partition that a group member reads.
    struct Lag: Equatable {
        var topic: String
        var partition: Int
        /// Records that were not handed out yet.
        var records: Double
    }

    var brokers: [Broker] = []
    var lags: [Lag] = []
    /// Records and bytes that the producer holds.
    var queuedRecords = 0.0
    var queuedBytes = 0.0

    /// Nil for a text that is no JSON.
    init?(_ text: UnsafeRawBufferPointer) {
        guard let root = StatisticsDocument(text) else { return nil }
        queuedRecords = root["msg_cnt"]?.number ?? 0
        queuedBytes = root["msg_size"]?.number ?? 0
        for broker in (root["brokers"]?.members ?? [:]).values {
            // Negative: the bootstrap addresses and the library's own.
            guard let id = broker["nodeid"]?.number, id >= 0 else { continue }
            let roundTrip = broker["rtt"]
            brokers.append(
                Broker(
                    id: Int(id), isUp: broker["state"]?.text == "UP",
                    meanRoundTrip: (roundTrip?["avg"]?.number ?? 0) / 1e6,
                    slowRoundTrip: (roundTrip?["p99"]?.number ?? 0) / 1e6,
                    waitingRequests: broker["outbuf_cnt"]?.number ?? 0))
        }
        for (name, topic) in root["topics"]?.members ?? [:] {
            for partition in (topic["partitions"]?.members ?? [:]).values {
                guard let id = partition["partition"]?.number, id >= 0, let lag = partition["consumer_lag"]?.number,
                    lag >= 0, partition["fetch_state"]?.text == "active"
                else { continue }
                lags.append(Lag(topic: name, partition: Int(id), records: lag))
            }
        }
    }

    /// The statistics of an event.
    init?(_ event: KafkaEvent) {
        guard let text = rd_kafka_event_stats(event.raw) else { return nil }
        var length = 0
        while text[length] != 0 { length += 1 }
        self.init(UnsafeRawBufferPointer(start: text, count: length))
    }
}
