import BusClients
import BusTestKit
import Runtime
import Synchronization
import Testing

/// What appends promise when brokers fail.
@Suite struct KafkaProducerFaultTests {
    private let topic: Topic = "commands"

    @Test func waitsForBrokersAndFailsAtTheDeadline() async throws {
        try await withKafka {
            $0.deliveryTimeout = .seconds(2)
        } _: { kafka in
            try await kafka.log.createTopic(topic, TopicOptions(partitions: 3))
            _ = try await kafka.log.append([record("before")], to: topic)
            for broker in 1...3 { try await kafka.cluster.brokerDown(broker) }
            let start = ContinuousClock.now
            await expectBusError(.unavailable) { _ = try await kafka.log.append([record("lost")], to: topic) }
            let waited = ContinuousClock.now - start
            #expect(waited > .milliseconds(500) && waited < .seconds(4), "it waited \(waited)")
            for broker in 1...3 { try await kafka.cluster.brokerUp(broker) }
            _ = try await kafka.log.append([record("after")], to: topic)
            #expect(try await contents(of: topic, in: kafka) == ["before", "after"])
        }
    }

    @Test func waitsThroughAShortOutage() async throws {
        try await withKafka { kafka in
            try await kafka.log.createTopic(topic, TopicOptions(partitions: 3))
            for broker in 1...3 { try await kafka.cluster.brokerDown(broker) }
            async let appended = kafka.log.append((0..<20).map { record("\($0)") }, to: topic)
            try await Task.sleep(for: .milliseconds(300))
            for broker in 1...3 { try await kafka.cluster.brokerUp(broker) }
            #expect(try await appended.count == 20)
            #expect(Set(try await contents(of: topic, in: kafka)) == Set((0..<20).map(String.init)))
        }
    }

    @Test(arguments: [6, 7, 19]) func repeatsWhatPassesAndAppendsOnce(_ code: Int) async throws {
        try await withKafka { kafka in
            try await kafka.log.createTopic(topic, TopicOptions())
            try await kafka.cluster.pushErrors(.produce, [code, code])
            let position = try await kafka.log.append([record("once")], to: topic)
            #expect(position == [LogPosition(partition: 0, offset: 0)])
            #expect(try await contents(of: topic, in: kafka) == ["once"])
        }
    }

    @Test func replacesAClientThatCannotGoOn() async throws {
        try await withKafka { kafka in
            try await kafka.log.createTopic(topic, TopicOptions())
            _ = try await kafka.log.append([record("first")], to: topic)
            // Out of sequence: fatal to an idempotent producer.
            try await kafka.cluster.pushErrors(.produce, [45])
            await expectBusError(.unavailable) { _ = try await kafka.log.append([record("lost")], to: topic) }
            _ = try await kafka.log.append([record("next")], to: topic)
            #expect(try await contents(of: topic, in: kafka) == ["first", "next"])
            #expect(
                kafka.metrics.render().contains("flotilla_kafka_producer_replacements_total{reason=\"fatal\"} 1"))
            #expect(kafka.logged.lines.contains { $0.contains("kafka_producer_replaced") })
        }
    }

    @Test func saysWhatABrokerRefuses() async throws {
        try await withKafka { kafka in
            try await kafka.log.createTopic(topic, TopicOptions())
            for (code, expected) in [(10, BusError.Code.messageTooLarge), (87, .unsupported), (29, .accessRefused)] {
                try await kafka.cluster.pushErrors(.produce, [code])
                await expectBusError(expected) {
                    _ = try await kafka.log.append([record("refused")], to: topic)
                }
            }
            // Refused a moment ago: not asked again, so that others' appends go on.
            await expectBusError(.accessRefused) { _ = try await kafka.log.append([record("x")], to: topic) }
            try await kafka.log.createTopic("other", TopicOptions())
            #expect(try await kafka.log.append([record("fine")], to: "other").count == 1)
        }
    }

    @Test func refusesWhatIsTooLargeForTheBus() async throws {
        try await withKafka { kafka in
            try await kafka.log.createTopic(topic, TopicOptions())
            let large = LogRecord(key: "k", value: [UInt8](repeating: 1, count: Message.maximumBodyBytes + 1))
            await expectBusError(.messageTooLarge) { _ = try await kafka.log.append([large], to: topic) }
            let megabytes = LogRecord(key: "k", value: [UInt8](repeating: 1, count: 3 << 20))
            let position = try await kafka.log.append([megabytes], to: topic)[0]
            let read = try await kafka.log.read(topic, partition: 0, from: position.offset, limit: 1)
            #expect(read.first?.record.value.count == 3 << 20)
        }
    }

    @Test func takesItsTimeWithASlowBroker() async throws {
        try await withKafka { kafka in
            try await kafka.log.createTopic(topic, TopicOptions(partitions: 3))
            for broker in 1...3 { try await kafka.cluster.setLatency(broker, .milliseconds(500)) }
            let positions = try await kafka.log.append((0..<30).map { record("\($0)") }, to: topic)
            #expect(Set(positions).count == 30)
            for broker in 1...3 { try await kafka.cluster.setLatency(broker, .zero) }
            #expect(try await contents(of: topic, in: kafka).count == 30)
        }
    }

    @Test func aCancelledAppendThatWaitsForRoomSendsNothing() async throws {
        try await withKafka {
            $0.maximumBufferedRecords = 10
        } _: { kafka in
            try await kafka.log.createTopic(topic, TopicOptions())
            _ = try await kafka.log.append([record("first")], to: topic)
            for broker in 1...3 { try await kafka.cluster.setLatency(broker, .milliseconds(400)) }
            async let full = kafka.log.append((0..<10).map { record("\($0)") }, to: topic)
            try await Task.sleep(for: .milliseconds(50))
            let waiting = Task { try await kafka.log.append([record("cancelled")], to: topic) }
            try await Task.sleep(for: .milliseconds(50))
            waiting.cancel()
            await expectBusError(.unavailable) { _ = try await waiting.value }
            #expect(try await full.count == 10)
            for broker in 1...3 { try await kafka.cluster.setLatency(broker, .zero) }
            #expect(try await !contents(of: topic, in: kafka).contains("cancelled"))
        }
    }

    @Test func failsWhatWaitsForRoomForTooLong() async throws {
        try await withKafka {
            $0.maximumBufferedRecords = 10
            $0.deliveryTimeout = .seconds(2)
        } _: { kafka in
            try await kafka.log.createTopic(topic, TopicOptions())
            for broker in 1...3 { try await kafka.cluster.brokerDown(broker) }
            let outcomes = await withTaskGroup(of: BusError.Code?.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        do throws(BusError) {
                            _ = try await kafka.log.append([record("x"), record("y")], to: topic)
                            return nil
                        } catch {
                            return error.code
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes == Array(repeating: .unavailable, count: 40))
            for broker in 1...3 { try await kafka.cluster.brokerUp(broker) }
            _ = try await kafka.log.append([record("after")], to: topic)
            #expect(try await contents(of: topic, in: kafka) == ["after"])
        }
    }

    @Test func endsItsAppendsWhenItCloses() async throws {
        try await withKafka { kafka in
            try await kafka.log.createTopic(topic, TopicOptions())
            for broker in 1...3 { try await kafka.cluster.brokerDown(broker) }
            let pending = Task { try await kafka.client.log.append([record("x")], to: topic) }
            try await Task.sleep(for: .milliseconds(100))
            let start = ContinuousClock.now
            await kafka.client.close()
            #expect(ContinuousClock.now - start < .seconds(10))
            await expectBusError(.closed) { _ = try await pending.value }
            await expectBusError(.closed) { _ = try await kafka.log.append([record("x")], to: topic) }
            #expect(kafka.log.connection.state == .closed)
        }
    }
}

func record(_ text: String, key: String = "key") -> LogRecord { LogRecord(key: key, value: Array(text.utf8)) }

/// Every value of a topic, partition by partition.
func contents(of topic: Topic, in kafka: MockedKafka) async throws -> [String] {
    var values: [String] = []
    for (partition, range) in try await kafka.log.offsets(of: topic).enumerated() {
        var next = range.lowerBound
        while next < range.upperBound {
            let records = try await kafka.log.read(topic, partition: partition, from: next, limit: 1000)
            guard let last = records.last else { break }
            values += records.map { String(decoding: $0.record.value, as: UTF8.self) }
            next = last.position.offset + 1
        }
    }
    return values
}

/// Fails unless the body throws a bus error of that kind.
func expectBusError(
    _ code: BusError.Code, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async {
    do {
        try await body()
        Issue.record("no error, expected \(code)", sourceLocation: sourceLocation)
    } catch let error as BusError {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
    } catch {
        Issue.record("\(error), expected \(code)", sourceLocation: sourceLocation)
    }
}
