import BusClients
import BusTestKit
import Glibc
import Runtime
import Testing

/// What consumers, followers and reads promise when brokers or workers fail.
@Suite struct KafkaReadingFaultTests {
    private let topic: Topic = "events"
    private let group: ConsumerGroup = "workers"

    @Test func aSlowConsumerStaysInItsGroupWithBoundedMemory() async throws {
        try await withKafka {
            $0.maximumFetchedBytes = 1 << 20
            $0.properties["fetch.message.max.bytes"] = "262144"
        } _: { kafka in
            try await kafka.log.createTopic(topic, TopicOptions(partitions: 4))
            let member = try await kafka.log.consume(topic, group: group)
            let payload = [UInt8](repeating: 7, count: 4000)
            // 16 MB, below what the mock cluster keeps of four partitions.
            for batch in 0..<16 {
                let records = (0..<250).map { LogRecord(key: "\(batch)-\($0)", value: payload) }
                _ = try await kafka.log.append(records, to: topic)
            }
            let first = try await withDeadline("the first records") { try await member.next() }
            let before = residentBytes()
            // Longer than the session: only a member that answers its group survives it.
            try await Task.sleep(for: .seconds(4))
            #expect(residentBytes() - before < 8 << 20, "it fetched on while nobody took anything")
            #expect(await member.assignment() == [0, 1, 2, 3])
            var taken = first?.count ?? 0
            while taken < 4000, let batch = try await withDeadline("more", { try await member.next() }) {
                taken += batch.count
            }
            #expect(taken == 4000)
            await member.close()
        }
    }

    @Test func anotherTakesOverFromAMemberThatWasKilled() async throws {
        try await withKafka { kafka in
            try await kafka.log.createTopic(topic, TopicOptions(partitions: 2))
            _ = try await kafka.log.append((0..<10).map { record("\($0)", key: "\($0)") }, to: topic)
            let victim = try ChildProcess(
                "/usr/bin/kcat",
                [
                    "-b", kafka.cluster.bootstrapServers, "-X", "session.timeout.ms=3500", "-X",
                    "partition.assignment.strategy=cooperative-sticky", "-X", "auto.offset.reset=earliest", "-u", "-G",
                    group.rawValue, topic.rawValue,
                ], environment: [:])
            let seen = try await withDeadline("the victim reads") { await victim.line(containing: "9") }
            #expect(seen != nil, "\(victim.text)")
            let heir = try await kafka.log.consume(topic, group: group)
            victim.send(SIGKILL)
            try await victim.wait()
            let pump = Task { while try await heir.next() != nil {} }
            try await withDeadline("the heir has all partitions") {
                while await heir.assignment() != [0, 1] { try await Task.sleep(for: .milliseconds(20)) }
            }
            await heir.close()
            _ = await pump.result
        }
    }

    @Test func readsOnAfterAnOutage() async throws {
        try await withKafka { kafka in
            try await kafka.log.createTopic(topic, TopicOptions())
            _ = try await kafka.log.append([record("1")], to: topic)
            let member = try await kafka.log.consume(topic, group: group)
            let follower = try await kafka.log.follow(topic, from: [:])
            var following = follower.makeAsyncIterator()
            #expect(try await member.next()?.count == 1)
            #expect(try await following.next()?.count == 1)
            for broker in 1...3 { try await kafka.cluster.brokerDown(broker) }
            try await Task.sleep(for: .milliseconds(300))
            for broker in 1...3 { try await kafka.cluster.brokerUp(broker) }
            _ = try await kafka.log.append([record("2")], to: topic)
            #expect(try await following.next()?.map(\.record.value) == [Array("2".utf8)])
            let taken = try await withDeadline("the member goes on") { try await member.next() }
            #expect(taken?.map(\.position.offset) == [1])
            try await member.commit([0: 2])
            #expect(try await kafka.log.committedOffsets(of: group, in: topic) == [0: 2])
            await member.close()
        }
    }

    @Test func repeatsACommitWhileTheGroupIsBusy() async throws {
        try await withKafka { kafka in
            try await kafka.log.createTopic(topic, TopicOptions())
            _ = try await kafka.log.append((0..<3).map { record("\($0)") }, to: topic)
            let member = try await kafka.log.consume(topic, group: group)
            _ = try await member.next()
            // REBALANCE_IN_PROGRESS, then COORDINATOR_LOAD_IN_PROGRESS.
            try await kafka.cluster.pushErrors(.offsetCommit, [27, 14])
            try await member.commit([0: 3])
            #expect(try await kafka.log.committedOffsets(of: group, in: topic) == [0: 3])
            // ILLEGAL_GENERATION.
            try await kafka.cluster.pushErrors(.offsetCommit, [22])
            await expectBusError(.rebalanced) { try await member.commit([0: 3]) }
            await member.close()
            await expectBusError(.closed) { try await member.commit([0: 3]) }
        }
    }

    @Test func startsAtTheOldestWhereAnOffsetIsGone() async throws {
        try await withKafka { kafka in
            try await kafka.log.createTopic(topic, TopicOptions())
            _ = try await kafka.log.append((0..<3).map { record("\($0)") }, to: topic)
            let follower = try await kafka.log.follow(topic, from: [0: 1000])
            var following = follower.makeAsyncIterator()
            #expect(try await following.next()?.first?.position.offset == 0)
            #expect(try await kafka.log.read(topic, partition: 0, from: 1000, limit: 10).isEmpty)
            #expect(try await kafka.log.read(topic, partition: 0, from: -5, limit: 10).count == 3)
            #expect(try await kafka.log.read(topic, partition: 7, from: 0, limit: 10).isEmpty)
        }
    }

    @Test func endsWhenCancelledReleasedOrClosed() async throws {
        try await withKafka { kafka in
            try await kafka.log.createTopic(topic, TopicOptions())
            let member = try await kafka.log.consume(topic, group: group)
            let consuming = Task { try await member.next() == nil }
            consuming.cancel()
            #expect(try await withDeadline("the member's end") { try await consuming.value })
            let follower = try await kafka.log.follow(topic, from: [:])
            let following = Task {
                var iterator = follower.makeAsyncIterator()
                return try await iterator.next() == nil
            }
            following.cancel()
            #expect(try await withDeadline("the follower's end") { try await following.value })
            _ = try await kafka.log.follow(topic, from: [:])
            let open = try await kafka.log.consume(topic, group: "others")
            let waiting = Task { try await open.next() == nil }
            await kafka.client.close()
            #expect(try await withDeadline("the end of all") { try await waiting.value })
            await expectBusError(.closed) { _ = try await kafka.log.follow(topic, from: [:]) }
        }
    }

    @Test func refusesTopicsThatNobodyMade() async throws {
        try await withKafka { kafka in
            await expectBusError(.unknownTopic) { _ = try await kafka.log.follow("nowhere", from: [:]) }
            await expectBusError(.unknownTopic) { _ = try await kafka.log.consume("nowhere", group: group) }
            await expectBusError(.unknownTopic) { _ = try await kafka.log.offsets(of: "nowhere") }
            await expectBusError(.unknownTopic) {
                _ = try await kafka.log.read("nowhere", partition: 0, from: 0, limit: 1)
            }
            await expectBusError(.invalidName) { _ = try await kafka.log.append([record("x")], to: "") }
            // Nobody made it by asking.
            await expectBusError(.unknownTopic) { _ = try await kafka.log.append([record("x")], to: "nowhere") }
        }
    }
}
