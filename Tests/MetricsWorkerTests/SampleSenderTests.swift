import BusClients
import BusTestKit
import Runtime
import Testing

@testable import MetricsWorker

@Suite struct SampleSenderTests {
    private let time = ManualTime()
    private let metrics = SamplingMetrics(MetricsRegistry())
    private let memory = LogMemory()

    private func sender(_ log: StubLog, limit: Int = 60) -> SampleSender {
        SampleSender(
            log, configuration: MetricsWorkerConfiguration(host: "a", unsentLimit: limit), time: time,
            metrics: metrics, logger: Logger(component: "metrics", sink: LogSink(memory: memory)))
    }

    private func record(_ number: Int) -> LogRecord { LogRecord(key: "a", value: [UInt8(number)]) }

    private func count(_ event: String) -> Int { memory.lines.count { $0.contains(event) } }

    @Test func sendsWhatWaitsInOneCallAndInOrder() async throws {
        let log = StubLog()
        let sender = sender(log)
        for number in 1...3 { sender.add(record(number)) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await sender.run() }
            let first = try await withDeadline("append") { await log.appends.first { _ in true } }
            #expect(first?.map(\.value) == [[1], [2], [3]])
            sender.add(record(4))
            let second = try await withDeadline("append") { await log.appends.first { _ in true } }
            #expect(second?.map(\.value) == [[4]])
            group.cancelAll()
        }
        #expect(metrics.dropped.value == 0)
    }

    @Test func dropsTheOldestAtTheBoundAndCountsThem() async throws {
        let log = StubLog()
        let sender = sender(log, limit: 3)
        for number in 1...5 { sender.add(record(number)) }
        #expect(metrics.dropped.value == 2)
        #expect(metrics.unsent.value == 3)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await sender.run() }
            let records = try await withDeadline("append") { await log.appends.first { _ in true } }
            #expect(records?.map(\.value) == [[3], [4], [5]])
            group.cancelAll()
        }
    }

    @Test func goesOnAfterAnOutageAndLogsItOnce() async throws {
        let log = StubLog(failing: BusError(.unavailable, "away"))
        let sender = sender(log)
        sender.add(record(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await sender.run() }
            for _ in 0..<4 { try await attempt(log) }
            sender.add(record(2))
            log.fail(nil)
            // An attempt may have begun with the first alone.
            try await attempt(log) {
                var values: [[UInt8]] = []
                for await records in log.appends {
                    values += records.map(\.value)
                    if values.count >= 2 { break }
                }
                return values == [[1], [2]]
            }
            group.cancelAll()
        }
        #expect(count("metrics_append_failed") == 1)
        #expect(metrics.appendFailures.value >= 4)
    }

    /// Lets time pass until the sender tries again.
    private func attempt(
        _ log: StubLog, then check: @escaping @Sendable () async -> Bool = { true }
    ) async throws {
        let time = time
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await withDeadline("attempt") {
                    _ = await log.attempts.first { _ in true }
                    return await check()
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    time.advance(by: .seconds(1))
                    await Task.yield()
                }
                return true
            }
            let isExpected = try await group.next()
            #expect(isExpected == true)
            group.cancelAll()
        }
    }

    @Test func createsATopicThatIsNotThere() async throws {
        let log = StubLog(failing: BusError(.unknownTopic, "host_metrics"))
        let sender = sender(log)
        sender.add(record(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await sender.run() }
            let records = try await withDeadline("append") { await log.appends.first { _ in true } }
            #expect(records?.map(\.value) == [[1]])
            group.cancelAll()
        }
        #expect(log.createdTopics == 1)
    }

    @Test func doesNotHoldOthersUpForARecordThatIsTooLarge() async throws {
        let log = StubLog(failing: BusError(.messageTooLarge, "record"))
        let sender = sender(log)
        sender.add(record(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await sender.run() }
            _ = try await withDeadline("attempt") { await log.attempts.first { _ in true } }
            log.fail(nil)
            sender.add(record(2))
            let records = try await withDeadline("append") { await log.appends.first { _ in true } }
            #expect(records?.last?.value == [2])
            group.cancelAll()
        }
    }

    @Test func endsWithABusThatIsOfNoFurtherUse() async throws {
        let log = StubLog(failing: BusError(.closed, "bus"))
        let sender = sender(log)
        sender.add(record(1))
        let error = await #expect(throws: BusError.self) { try await sender.run() }
        #expect(error?.code == .closed)
        #expect(metrics.unsent.value == 1)
    }
}
