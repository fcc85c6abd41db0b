import BusClients
import BusTestKit
import Runtime
import Synchronization
import Testing

/// A call that fails may have appended a part of its records, in each partition from the first on: never a later one
/// without those before it. One that succeeds has appended each of them once, where it says.
///
/// The mock cluster checks no sequence numbers. Kafka refuses a batch that comes behind a refused one on its way; the
/// mock takes it, and librdkafka then believes that the one before was taken as well. So one request is in flight here.
@Suite struct KafkaGapTests {
    private static let topic: Topic = "gaps"
    private static let partitions = 6
    private static let recordsPerCall = 24

    /// What became of a call; its records are `<call>:<index>` with the key `<index mod 8>`.
    private struct Outcome: Sendable {
        let call: Int
        let result: Result<[LogPosition], BusError>

        var positions: [LogPosition]? { try? result.get() }
        var error: BusError? { if case .failure(let error) = result { error } else { nil } }
    }

    @Test func noHolesThroughOutagesAndTimeOuts() async throws {
        try await withOneRequestInFlight {
            $0.deliveryTimeout = .milliseconds(800)
        } _: { kafka in
            let outcomes = try await load(kafka) {
                for round in 0..<6 {
                    let broker = round % 3 + 1
                    try await kafka.cluster.brokerDown(broker)
                    try await Task.sleep(for: .milliseconds(round.isMultiple(of: 2) ? 150 : 1100))
                    try await kafka.cluster.brokerUp(broker)
                    try await Task.sleep(for: .milliseconds(150))
                }
            }
            #expect(outcomes.contains { $0.positions == nil }, "no call failed: the test shows nothing")
            #expect(outcomes.contains { $0.positions != nil })
            try await check(outcomes, in: kafka)
        }
    }

    /// One call at a time, lingering long enough to be one request for each partition: no request is on its way behind
    /// one that is refused.
    @Test func noHolesThroughErrors() async throws {
        try await withOneRequestInFlight {
            $0.linger = .milliseconds(50)
        } _: { kafka in
            let outcomes = try await load(kafka, tasks: 1) {
                for code in [10, 7, 45, 6, 87, 10, 19, 45] {
                    try await kafka.cluster.pushErrors(.produce, [code])
                    try await Task.sleep(for: .milliseconds(120))
                }
            }
            #expect(outcomes.contains { $0.error != nil }, "no call failed: the test shows nothing")
            #expect(outcomes.contains { $0.error == nil })
            try await check(outcomes, in: kafka)
        }
    }

    @Test func keepsOrderWhileLeadersMove() async throws {
        try await withOneRequestInFlight { kafka in
            let read = ReadRecords()
            let outcomes = try await load(kafka) {
                let records = try await kafka.log.follow(Self.topic, from: [:])
                let reading = Task { for try await batch in records { read.add(batch) } }
                for round in 0..<12 {
                    for partition in 0..<Self.partitions {
                        try await kafka.cluster.setLeader(
                            topic: Self.topic.rawValue, partition: partition, broker: (round + partition) % 3 + 1)
                    }
                    try await Task.sleep(for: .milliseconds(80))
                }
                return reading
            } _: { reading in
                let total = try await kafka.log.offsets(of: Self.topic).reduce(0) { $0 + $1.count }
                try await withDeadline("the follower reads everything") {
                    while read.all.count < total { try await Task.sleep(for: .milliseconds(10)) }
                }
                reading.cancel()
                _ = await reading.result
            }
            for outcome in outcomes { #expect(outcome.error == nil, "call \(outcome.call)") }
            try await check(outcomes, in: kafka)
            for partition in 0..<Self.partitions {
                let offsets = read.all.filter { $0.position.partition == partition }.map(\.position.offset)
                #expect(offsets == Array(0..<Int64(offsets.count)), "partition \(partition) in order, without loss")
            }
        }
    }

    private func withOneRequestInFlight(
        _ configure: (inout KafkaConfiguration) -> Void = { _ in }, _ body: (MockedKafka) async throws -> Void
    ) async throws {
        try await withKafka(
            {
                $0.properties["max.in.flight"] = "1"
                configure(&$0)
            }, body)
    }

    // MARK: Load and check

    private func load(
        _ kafka: MockedKafka, tasks: Int = 4, _ faults: @escaping @Sendable () async throws -> Void
    ) async throws -> [Outcome] {
        try await load(kafka, tasks: tasks, { try await faults() }, { _ in })
    }

    /// Appends from several tasks, at a steady pace, while the faults go on and ten calls longer.
    private func load<T: Sendable>(
        _ kafka: MockedKafka, tasks: Int = 4, _ faults: @escaping @Sendable () async throws -> T,
        _ finish: @escaping @Sendable (T) async throws -> Void
    ) async throws -> [Outcome] {
        try await kafka.log.createTopic(Self.topic, TopicOptions(partitions: Self.partitions))
        let over = Latch()
        async let faulty = {
            defer { over.open() }
            return try await faults()
        }()
        let outcomes = await withTaskGroup(of: [Outcome].self) { group in
            for task in 0..<tasks {
                group.addTask {
                    var outcomes: [Outcome] = []
                    var (call, callsAfter) = (task, 0)
                    while callsAfter < 10 {
                        defer { call += tasks }
                        if over.isOpen { callsAfter += 1 }
                        let records = (0..<Self.recordsPerCall).map { record("\(call):\($0)", key: "\($0 % 8)") }
                        do throws(BusError) {
                            let positions = try await kafka.log.append(records, to: Self.topic)
                            outcomes.append(Outcome(call: call, result: .success(positions)))
                        } catch {
                            outcomes.append(Outcome(call: call, result: .failure(error)))
                        }
                        try? await Task.sleep(for: .milliseconds(8))
                    }
                    return outcomes
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        try await finish(try await faulty)
        return outcomes
    }

    private func check(_ outcomes: [Outcome], in kafka: MockedKafka) async throws {
        var found: [Int: [Int: [Int]]] = [:]
        for (partition, range) in try await kafka.log.offsets(of: Self.topic).enumerated() {
            var next = range.lowerBound
            while next < range.upperBound {
                let records = try await kafka.log.read(Self.topic, partition: partition, from: next, limit: 1000)
                guard let last = records.last else { break }
                for record in records {
                    let parts = String(decoding: record.record.value, as: UTF8.self).split(separator: ":")
                    found[Int(parts[0])!, default: [:]][partition, default: []].append(Int(parts[1])!)
                }
                next = last.position.offset + 1
            }
        }
        for outcome in outcomes {
            for (partition, indices) in found[outcome.call] ?? [:] {
                let first = try #require(indices.first)
                let wanted = await expected(partition, in: kafka)
                #expect(first == wanted.first)
                #expect(Array(wanted.prefix(indices.count)) == indices, "call \(outcome.call): \(outcome)")
            }
            guard let positions = outcome.positions else { continue }
            let appended = found[outcome.call]?.values.reduce(0) { $0 + $1.count }
            #expect(appended == Self.recordsPerCall, "call \(outcome.call) succeeded")
            #expect(Set(positions).count == Self.recordsPerCall)
        }
    }

    /// The records of a call that belong to a partition, in order.
    private func expected(_ partition: Int, in kafka: MockedKafka) async -> [Int] {
        var indices: [Int] = []
        for index in 0..<Self.recordsPerCall {
            let owner = try? await kafka.log.partition(of: "\(index % 8)", in: Self.topic)
            if owner == partition { indices.append(index) }
        }
        return indices
    }
}

/// What a follower has given so far.
private final class ReadRecords: Sendable {
    private let records = Mutex<[StoredRecord]>([])

    var all: [StoredRecord] { records.withLock { $0 } }

    func add(_ batch: [StoredRecord]) { records.withLock { $0 += batch } }
}
