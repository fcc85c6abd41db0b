import BusClients
import BusTestKit
import Runtime
import Testing

@Suite struct KafkaConnectionTests {
    @Test func tellsWhenBrokersGoAndComeBack() async throws {
        try await withKafka { kafka in
            #expect(kafka.log.connection.state == .connected)
            for broker in 1...3 { try await kafka.cluster.brokerDown(broker) }
            try await state(.connecting, in: kafka)
            #expect(kafka.log.connection.reason?.isEmpty == false)
            for broker in 1...3 { try await kafka.cluster.brokerUp(broker) }
            try await state(.connected, in: kafka)
            #expect(kafka.log.connection.reason == nil)
            #expect(kafka.logged.lines.contains { $0.contains("kafka_disconnected") })
            #expect(kafka.logged.lines.count { $0.contains("librdkafka") } < 30, "a dead broker fills the log")
        }
    }

    @Test func saysThatNobodyIsThere() async throws {
        var configuration = try KafkaConfiguration(bootstrapServers: "127.0.0.1:1")
        configuration.connectTimeout = .seconds(1)
        let start = ContinuousClock.now
        await expectBusError(.unavailable) { _ = try await KafkaClient.connect(configuration) }
        #expect(ContinuousClock.now - start < .seconds(4))
    }

    /// A listener without TLS just hangs up, as a broker that dies does: the reason tells them apart.
    @Test(arguments: [("SSL", BusError.Code.unavailable, "PLAINTEXT"), ("SASL_PLAINTEXT", .accessRefused, "")])
    func saysThatItIsRefused(_ protocolName: String, _ code: BusError.Code, _ hint: String) async throws {
        let cluster = try await KafkaMockCluster.start(brokers: 1)
        var configuration = try KafkaConfiguration(bootstrapServers: cluster.bootstrapServers)
        configuration.properties = [
            "security.protocol": protocolName, "sasl.mechanism": "PLAIN", "sasl.username": "somebody",
            "sasl.password": "secret-value",
        ]
        do {
            let client = try await KafkaClient.connect(configuration)
            await client.close()
            Issue.record("it connected")
        } catch {
            #expect(error.code == code, "\(error)")
            #expect(hint.isEmpty || error.message.contains(hint), "\(error)")
            #expect(!error.description.contains("secret-value"))
        }
        await cluster.stop()
    }

    @Test func showsItsFigures() async throws {
        try await withKafka { kafka in
            try await kafka.log.createTopic("figures", TopicOptions(partitions: 2))
            _ = try await kafka.log.append((0..<10).map { record("\($0)", key: "\($0)") }, to: "figures")
            let member = try await kafka.log.consume("figures", group: "readers")
            var taken = 0
            while taken < 10, let batch = try await member.next() { taken += batch.count }
            try await member.commit([0: 1])
            let lines = [
                "flotilla_kafka_appended_records_total 10", "flotilla_kafka_read_records_total{topic=\"figures\"} 10",
                "flotilla_kafka_consumer_lag_records{group=\"readers\",topic=\"figures\",partition=\"0\"}",
            ]
            try await withDeadline("the figures") {
                // A client connects to the brokers that it needs, so to one of the three at least.
                let brokers = (1...3).map { "flotilla_kafka_broker_up{broker=\"\($0)\"} 1" }
                while true {
                    let text = kafka.metrics.render()
                    if lines.allSatisfy(text.contains), brokers.contains(where: text.contains) { break }
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            await member.close()
            #expect(!kafka.metrics.render().contains("flotilla_kafka_consumer_lag_records{"))
        }
    }

    @Test func closesTwiceAndWhenItIsDropped() async throws {
        try await withKafka { kafka in
            let other = try await kafka.connect()
            await other.close()
            await other.close()
            _ = try await kafka.connect()
            try await kafka.log.createTopic("still", TopicOptions())
            #expect(try await kafka.log.append([record("x")], to: "still").count == 1)
        }
    }

    private func state(_ state: ConnectionHealth.State, in kafka: MockedKafka) async throws {
        try await withDeadline("the connection is \(state)", seconds: 8) {
            while kafka.log.connection.state != state { try await Task.sleep(for: .milliseconds(20)) }
        }
    }
}
