import CRdKafka
import Testing

@testable import BusClients

@Suite struct KafkaErrorTests {
    @Test(arguments: [
        (RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, BusError.Code.unknownTopic),
        (RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, .unknownTopic),
        (RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, .messageTooLarge),
        (RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, .accessRefused),
        (RD_KAFKA_RESP_ERR__AUTHENTICATION, .accessRefused),
        (RD_KAFKA_RESP_ERR__SSL, .accessRefused),
        (RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, .invalidName),
        (RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, .rebalanced),
        (RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, .rebalanced),
        (RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, .rebalanced),
        (RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, .unsupported),
        (RD_KAFKA_RESP_ERR_INVALID_RECORD, .unsupported),
        (RD_KAFKA_RESP_ERR__DESTROY, .closed),
        (RD_KAFKA_RESP_ERR__TRANSPORT, .unavailable),
        (RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, .unavailable),
        (RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, .unavailable),
        (RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, .unavailable),
        (rd_kafka_resp_err_t(rawValue: 9999), .unavailable),
    ])
    func meansOnTheBus(_ error: rd_kafka_resp_err_t, _ code: BusError.Code) {
        let mapped = BusError(kafka: error, "the append")
        #expect(mapped.code == code)
        #expect(mapped.underlyingCode == Int(error.rawValue))
        #expect(mapped.message.hasPrefix("the append failed: "))
    }

    @Test func letsOneLineOfAKindThrough() {
        var throttle = LogThrottle()
        #expect(throttle.admit("FAIL", at: .seconds(1)) == 0)
        for _ in 0..<7 { #expect(throttle.admit("FAIL", at: .seconds(2)) == nil) }
        #expect(throttle.admit("SSL", at: .seconds(2)) == 0)
        #expect(throttle.admit("FAIL", at: .seconds(31)) == 7)
        #expect(throttle.admit("FAIL", at: .seconds(32)) == nil)
    }

    @Test func boundsTheKindsItKnows() {
        var throttle = LogThrottle()
        for kind in 0..<256 { #expect(throttle.admit("\(kind)", at: .zero) == 0) }
        #expect(throttle.admit("one more", at: .zero) == 0)
        #expect(throttle.admit("and another", at: .zero) == nil)
    }

    @Test func standsForATopicsSettings() {
        let options = TopicOptions(partitions: 4, maximumAge: .seconds(60), maximumBytes: 4096)
        let settings = TopicSettings(options, partitions: 4)
        #expect(
            settings.values == ["cleanup.policy": "delete", "retention.ms": "60000", "retention.bytes": "1024"])
        #expect(
            TopicSettings(TopicOptions(isCompacted: true), partitions: 1).values == ["cleanup.policy": "compact"])
        let unbounded = TopicSettings(TopicOptions(maximumAge: nil, maximumBytes: nil), partitions: 1).values
        #expect(unbounded["retention.ms"] == "-1")
        #expect(unbounded["retention.bytes"] == "-1")
    }

    @Test func changesATopicsSettingsAndKeepsItsOthers() {
        let settings = TopicSettings(TopicOptions(isCompacted: true), partitions: 1)
        let compacted = [("cleanup.policy", "compact", true), ("min.insync.replicas", "2", true)]
        #expect(settings.change(of: compacted) == nil)
        let other = [
            ("cleanup.policy", "delete", false), ("min.insync.replicas", "2", true), ("segment.bytes", "1", false),
        ]
        #expect(settings.change(of: other) == ["cleanup.policy": "compact", "min.insync.replicas": "2"])
    }

    @Test func readsStatistics() throws {
        let text = """
            {"msg_cnt": 12, "msg_size": 3400, "brokers": {
              "a:1/1": {"nodeid": 1, "state": "UP", "outbuf_cnt": 2, "rtt": {"avg": 1500, "p99": 20000}},
              "b:1/2": {"nodeid": 2, "state": "DOWN", "outbuf_cnt": 0, "rtt": {"avg": 0, "p99": 0}},
              "a:1/bootstrap": {"nodeid": -1, "state": "UP"}},
             "topics": {"t": {"partitions": {
              "0": {"partition": 0, "consumer_lag": 7, "fetch_state": "active"},
              "1": {"partition": 1, "consumer_lag": 3, "fetch_state": "none"},
              "-1": {"partition": -1, "consumer_lag": -1, "fetch_state": "none"}}}}}
            """
        let statistics = try #require(Array(text.utf8).withUnsafeBytes { KafkaStatistics($0) })
        #expect(statistics.queuedRecords == 12)
        #expect(statistics.queuedBytes == 3400)
        #expect(
            statistics.brokers.sorted { $0.id < $1.id } == [
                .init(id: 1, isUp: true, meanRoundTrip: 0.0015, slowRoundTrip: 0.02, waitingRequests: 2),
                .init(id: 2, isUp: false, meanRoundTrip: 0, slowRoundTrip: 0, waitingRequests: 0),
            ])
        #expect(statistics.lags == [.init(topic: "t", partition: 0, records: 7)])
        for broken in ["", "{", "{\"a\"}", "{\"a\": x}", "[1, 2", String(repeating: "[", count: 100)] {
            #expect(Array(broken.utf8).withUnsafeBytes { KafkaStatistics($0) } == nil, "\(broken)")
        }
        #expect(Array("no json".utf8).withUnsafeBytes { KafkaStatistics($0) } == nil)
    }
}
