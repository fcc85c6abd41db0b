internal import BusClients
internal import Runtime

/// What every `MessageLog` promises.
package enum MessageLogConformance {
    private static let topic: Topic = "conformance_log"
    private static let group: ConsumerGroup = "conformance"

    package static let checks: [ConformanceCheck] = [
        ConformanceCheck("keepsOrderPerKey") { environment in
            let log = try await created(environment, partitions: 4)
            var positions: [String: [LogPosition]] = [:]
            for round in 0..<25 {
                let keys = ["a", "b", "c", "d", "e"]
                let appended = try await log.append(keys.map { record($0, "\($0)-\(round)") }, to: topic)
                for (key, position) in zip(keys, appended) { positions[key, default: []].append(position) }
            }
            for (key, list) in positions {
                try expect(Set(list.map(\.partition)), [try await log.partition(of: key, in: topic)], "one partition")
                try expect(list.map(\.offset), list.map(\.offset).sorted(), "offsets grow")
            }
            let read = try await log.follow(topic, from: [:]).take(125, "all records")
            for key in positions.keys {
                let values = read.filter { $0.record.key == key }.map {
                    String(decoding: $0.record.value, as: UTF8.self)
                }
                try expect(values, (0..<25).map { "\(key)-\($0)" }, "the order of key \(key)")
            }
        },
        ConformanceCheck("agreesWithTheJavaPartitioner") { environment in
            let log = try await created(environment, partitions: 100)
            // Java: Utils.toPositive(Utils.murmur2(key)) % 100; hashes from Kafka's UtilsTest.
            for (key, hash) in [
                ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
            ] {
                let expected = Int(Int32(hash) & 0x7fff_ffff) % 100
                try expect(try await log.partition(of: key, in: topic), expected, "the partition of \(key)")
            }
        },
        ConformanceCheck("answersWithTheTruePosition") { environment in
            let log = try await created(environment, partitions: 3)
            let positions = try await log.append((0..<30).map { record("k\($0)", "v\($0)") }, to: topic)
            for (index, position) in positions.enumerated() {
                let read = try await log.read(topic, partition: position.partition, from: position.offset, limit: 1)
                try expect(read.map(\.record), [record("k\(index)", "v\(index)")], "the record at its position")
            }
        },
        ConformanceCheck("keepsHeadersAndBinaryValues") { environment in
            let log = try await created(environment)
            let record = LogRecord(key: "ключ", headers: ["h": "wert", "": "x"], value: (0...255).map { UInt8($0) })
            let position = try await log.append([record], to: topic)[0]
            let read = try await log.read(topic, partition: position.partition, from: position.offset, limit: 1)
            try expect(read.map(\.record), [record], "the record")
        },
        ConformanceCheck("followsFromOffsets") { environment in
            let log = try await created(environment)
            _ = try await log.append((0..<10).map { record("k", "\($0)") }, to: topic)
            let follower = try await log.follow(topic, from: [0: 6])
            try expect(
                try await follower.take(4, "the tail").map(\.position.offset), [6, 7, 8, 9], "from the offset on")
            async let more = follower.take(1, "what comes later")
            _ = try await log.append([record("k", "10")], to: topic)
            try expect(try await more.map(\.position.offset), [10], "what comes later")
        },
        ConformanceCheck("resumesAGroupAtItsCommit") { environment in
            let log = try await created(environment)
            _ = try await log.append((0..<10).map { record("k", "\($0)") }, to: topic)
            let first = try await log.consume(topic, group: group)
            try expect(try await first.take(10, "all").count, 10, "all records")
            try await first.commit([0: 4])
            await first.close()
            try expect(try await log.committedOffsets(of: group, in: topic), [0: 4], "the committed offset")
            let second = try await log.consume(topic, group: group)
            try expect(try await second.take(6, "the rest").map(\.position.offset), [4, 5, 6, 7, 8, 9], "the rest")
            await second.close()
        },
        ConformanceCheck("sharesPartitionsAmongMembers") { environment in
            let log = try await created(environment, partitions: 4)
            _ = try await log.append((0..<40).map { record("key-\($0)", "\($0)") }, to: topic)
            let first = try await log.consume(topic, group: group)
            _ = try await first.take(40, "everything while alone")
            try expect(await first.assignment(), [0, 1, 2, 3], "everything while alone")
            let second = try await log.consume(topic, group: group)
            let tasks = [pump(first), pump(second)]
            try await eventually("the partitions are shared") {
                let (one, two) = (await first.assignment(), await second.assignment())
                return one.count == 2 && two.count == 2 && one.isDisjoint(with: two)
            }
            let moved = await second.assignment()
            await second.close()
            try await eventually("the partitions come back") { await first.assignment() == [0, 1, 2, 3] }
            try expect(moved.count, 2, "what the second had")
            await first.close()
            for task in tasks { _ = await task.result }
        },
        ConformanceCheck("refusesACommitOfALostPartition") { environment in
            let log = try await created(environment, partitions: 2)
            _ = try await log.append((0..<20).map { record("key-\($0)", "\($0)") }, to: topic)
            let first = try await log.consume(topic, group: group)
            _ = try await first.take(20, "everything while alone")
            let second = try await log.consume(topic, group: group)
            let task = pump(second)
            try await eventually("the second has a partition") { await second.assignment().count == 1 }
            let lost = await second.assignment().first ?? 0
            try await expectError(.rebalanced, "a commit of a lost partition") { try await first.commit([lost: 1]) }
            await second.close()
            await first.close()
            _ = await task.result
        },
        ConformanceCheck("givesGroupsTheirOwnOffsets") { environment in
            let log = try await created(environment)
            _ = try await log.append((0..<5).map { record("k", "\($0)") }, to: topic)
            for name in ["one", "two"] {
                let member = try await log.consume(topic, group: ConsumerGroup(name))
                try expect(try await member.take(5, "all of it").count, 5, "each group reads everything")
                await member.close()
            }
        },
        ConformanceCheck("compactsToTheNewestOfEachKey") { environment in
            let compacted: Topic = "conformance_compacted"
            let log = environment.bus.log
            try await log.createTopic(compacted, TopicOptions(partitions: 1, maximumAge: nil, isCompacted: true))
            for round in 0..<5 {
                _ = try await log.append([record("a", "a\(round)"), record("b", "b\(round)")], to: compacted)
            }
            guard log.features.compactsSoon else {
                let read = try await log.read(compacted, partition: 0, from: 0, limit: 100).map(\.record)
                for key in ["a", "b"] {
                    try expect(read.last { $0.key == key }, record(key, "\(key)4"), "the newest of a key is its last")
                }
                return
            }
            try await eventually("only the newest are left, in time") {
                let left = try await log.read(compacted, partition: 0, from: 0, limit: 100)
                return left.map(\.record) == [record("a", "a4"), record("b", "b4")]
            }
        },
        ConformanceCheck("refusesAnUnknownTopic") { environment in
            let log = try await created(environment)
            try await expectError(.unknownTopic, "an unknown topic") {
                _ = try await log.append([record("k", "v")], to: "conformance_nowhere")
            }
        },
        ConformanceCheck("appendsFromManyTasksWithoutLoss") { environment in
            let log = try await created(environment, partitions: 2)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<32 {
                    group.addTask {
                        for index in 0..<20 {
                            _ = try await log.append([record("w\(writer)", "\(index)")], to: topic)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let read = try await log.follow(topic, from: [:]).take(640, "every record")
            for writer in 0..<32 {
                let values = read.filter { $0.record.key == "w\(writer)" }.map {
                    String(decoding: $0.record.value, as: UTF8.self)
                }
                try expect(values, (0..<20).map { "\($0)" }, "the order of writer \(writer)")
            }
            for range in try await log.offsets(of: topic) { try expect(range.lowerBound, 0, "nothing is trimmed") }
        },
    ]

    private static func created(
        _ environment: ConformanceEnvironment, partitions: Int = 1
    ) async throws -> any MessageLog {
        try await environment.bus.log.createTopic(topic, TopicOptions(partitions: partitions))
        return environment.bus.log
    }

    private static func record(_ key: String, _ value: String) -> LogRecord {
        LogRecord(key: key, value: Array(value.utf8))
    }

    /// Reads on until the member is closed, as a worker does.
    private static func pump(_ member: any LogConsumer) -> Task<Void, any Error> {
        Task { while try await member.next() != nil {} }
    }
}
