import BusClients
import BusTestKit
import Contracts
import HostProbe
import Runtime
import Synchronization
import Testing

@testable import MetricsWorker

@Suite struct HostInspectionServiceTests {
    private static let queue = QueueName(StreamNames.inspect("a"))

    /// A worker of a fixture's host on an embedded bus, and an ingress's view of it.
    private struct Desk: Sendable {
        let bus: Bus
        let fixture: Fixture
        let registry: MetricsRegistry
        let answers: AsyncStream<HostAnswer>

        func send(_ body: [UInt8], id: String) async throws {
            try await bus.queues.enqueue([Job(Message(id: MessageID(id), body: body))], to: queue)
        }

        /// Sends a question without waiting for its answer.
        func pose(
            _ id: String, subject: String = HostQuestion.processes, _ parameters: [UInt8] = ProcessQuery().json,
            for patience: Duration = .seconds(60)
        ) async throws {
            let now = SystemTime().now
            let question = HostQuestion(
                id: id, ingress: "i", subject: subject, parameters: parameters, askedAt: now,
                expiresAt: now.advanced(by: patience))
            try await send(question.json, id: id)
        }

        func next() async throws -> HostAnswer {
            try #require(
                try await withDeadline("an answer") {
                    var iterator = answers.makeAsyncIterator()
                    return await iterator.next()
                })
        }

        /// The processes that answer a query.
        func ask(_ query: ProcessQuery) async throws -> [Contracts.ProcessInfo] {
            let id = "q\(UInt64.random(in: 0 ... .max))"
            try await pose(id, query.json)
            let answer = try await next()
            #expect(answer.id == id)
            #expect(answer.host == "a")
            guard case .processes(let processes) = answer.outcome else {
                Issue.record("\(answer.outcome)")
                return []
            }
            return processes
        }
    }

    private final class Clock: Sendable {
        private let value = Mutex<Duration>(.seconds(1000))
        func now() -> Duration { value.withLock { $0 } }
        func advance(by duration: Duration) { value.withLock { $0 += duration } }
    }

    private let clock = Clock()

    private func run(isSampling: Bool = true, _ body: (Desk) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let fixture = try Fixture()
        let registry = MetricsRegistry()
        let bus = try await EmbeddedBus.open(EmbeddedBusConfiguration(folder: folder.path))
        let sampling = MetricsWorkerConfiguration(host: "a", interval: .seconds(7))
        let service = HostInspectionService(
            host: "a", root: fixture.path,
            sampling: isSampling ? (sampling, SamplingPlan(sampling)) : nil,
            bus: bus, time: SystemTime(),
            monotonic: clock.now, metrics: registry,
            logger: .silent)
        let lifecycle = Lifecycle()
        let (answers, answered) = AsyncStream.makeStream(of: HostAnswer.self)
        let running = Task {
            defer { lifecycle.started() }
            try await service.run(lifecycle)
        }
        try await withDeadline("the worker starts") { await lifecycle.waitUntilStarted() }
        let events = try await bus.events.subscribe(
            to: ExchangeName(StreamNames.fleetAnswers), matching: ["i.*"], from: .first)
        let reading = Task {
            for try await batch in events {
                for event in batch { answered.yield(try HostAnswer(json: event.message.body)) }
            }
        }
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(
                try await body(Desk(bus: bus, fixture: fixture, registry: registry, answers: answers)))
        } catch { outcome = .failure(error) }
        reading.cancel()
        lifecycle.requestStop()
        try await withDeadline("the worker stops") { try await running.value }
        await bus.close()
        try outcome.get()
    }

    /// Four processes: 40 MiB, 10 MiB, 20 MiB and a kernel thread, with the processor ticks that are given.
    private func writeProcesses(_ fixture: Fixture, ticks: [Int: Int] = [:]) throws {
        try fixture.write("/proc/stat", "cpu  1 1 1 1 0 0 0 0\nbtime 1763721000\n")
        try fixture.write("/proc/meminfo", "MemTotal: 409600 kB\nMemFree: 100 kB\nMemAvailable: 250 kB\n")
        for (pid, name, state, pages, line) in [
            (10, "beta", "S", 10_240, "/usr/bin/beta\0--serve\0"), (11, "alpha)\n", "R", 2560, "alpha\0"),
            (12, "gamma", "Z", 5120, ""), (2, "kthreadd", "I", 0, ""),
        ] {
            try fixture.write(
                "/proc/\(pid)/stat",
                "\(pid) (\(name)) \(state) 1 1 1 0 -1 0 0 0 0 0 \(ticks[pid] ?? 0) 0 0 0 20 0 3 0 250 4096 \(pages) 0\n"
            )
            try fixture.write("/proc/\(pid)/cmdline", line)
        }
    }

    @Test func sharesAreOverTheTimeSinceTheLastQuestion() async throws {
        try await run { desk in
            try writeProcesses(desk.fixture)
            // The test's clock stands still, so there is no time over which there could be a share.
            #expect(try await desk.ask(ProcessQuery(order: .pid)).map(\.cpuPercent) == [nil, nil, nil, nil])
            clock.advance(by: .seconds(2))
            try writeProcesses(desk.fixture, ticks: [10: 100, 11: 500])
            let busiest = try await desk.ask(ProcessQuery())
            #expect(busiest.map(\.pid) == [11, 10, 2, 12])
            #expect(busiest.map(\.cpuPercent) == [250, 50, 0, 0])
            #expect(
                busiest.first
                    == Contracts.ProcessInfo(
                        pid: 11, name: "alpha)\n", status: "running", cpuPercent: 250, memoryMiB: 10,
                        memoryPercent: 2.5,
                        threads: 3, createdAt: Timestamp(microseconds: 1_763_721_002_500_000), commandLine: "alpha",
                        parentPID: 1))
            #expect(busiest.last?.status == "zombie")
            #expect(busiest.last?.commandLine == nil)
            // A question soon after shares the reading.
            clock.advance(by: .milliseconds(100))
            try writeProcesses(desk.fixture, ticks: [10: 900, 11: 900])
            #expect(try await desk.ask(ProcessQuery()).map(\.cpuPercent) == [250, 50, 0, 0])
            // A number that is given again is another process.
            clock.advance(by: .seconds(1))
            try desk.fixture.write("/proc/10/stat", "10 (new) R 1 1 1 0 -1 0 0 0 0 0 5 0 0 0 20 0 1 0 999 0 0 0\n")
            let reused = try await desk.ask(ProcessQuery(order: .pid)).first { $0.pid == 10 }
            #expect(reused?.name == "new")
            #expect(reused?.cpuPercent == nil)
        }
    }

    @Test func choosesSortsAndLimits() async throws {
        try await run { desk in
            try writeProcesses(desk.fixture)
            _ = try await desk.ask(ProcessQuery())
            clock.advance(by: .seconds(1))
            try writeProcesses(desk.fixture, ticks: [12: 10])
            func pids(_ query: ProcessQuery) async throws -> [Int] { try await desk.ask(query).map(\.pid) }
            #expect(try await pids(ProcessQuery(order: .memory)) == [10, 12, 11, 2])
            #expect(try await pids(ProcessQuery(order: .name)) == [11, 10, 12, 2])
            #expect(try await pids(ProcessQuery(order: .pid)) == [2, 10, 11, 12])
            #expect(try await pids(ProcessQuery(order: .memory, limit: 2)) == [10, 12])
            #expect(try await pids(ProcessQuery(order: .pid, minimumMemoryMiB: 20)) == [10, 12])
            #expect(try await pids(ProcessQuery(minimumCPUPercent: 0.5)) == [12])
            #expect(try await pids(ProcessQuery(order: .pid, pattern: "^(beta|gam)")) == [10, 12])
            #expect(try await pids(ProcessQuery(order: .pid, pattern: "--serve")) == [10])
            #expect(try await pids(ProcessQuery(pattern: "nothing")) == [])
        }
    }

    @Test func aQuestionThatHasExpiredIsNotAnswered() async throws {
        try await run { desk in
            try writeProcesses(desk.fixture)
            try await desk.pose("late", for: .seconds(-1))
            try await desk.pose("current")
            #expect(try await desk.next().id == "current")
            #expect(desk.registry.render().contains(#"flotilla_host_questions_total{outcome="expired"} 1"#))
            let status = try await desk.bus.queues.status(of: Self.queue)
            #expect(status.deadLetters == 0)
        }
    }

    @Test func saysWhatItCannotAnswer() async throws {
        try await run { desk in
            try await desk.pose("1", subject: "benchmark", Array("{}".utf8))
            #expect(try await desk.next().outcome == .failed(.unsupported))
            try await desk.pose("2", Array(#"{"sort_by":"cpu","limit":501}"#.utf8))
            #expect(try await desk.next().outcome == .failed(.unsupported))
            try await desk.pose("3", ProcessQuery(pattern: "(").json)
            // The fixture has no /proc yet.
            #expect(try await desk.next().outcome == .failed(.unreadable))
        }
    }

    @Test func takesASampleThatIsInTheLogWithTheAnswer() async throws {
        try await run { desk in
            try writeProcesses(desk.fixture)
            for number in 0..<2 {
                try await desk.pose("\(number)", subject: HostQuestion.sample, Array("{}".utf8))
                let answer = try await desk.next()
                guard case .sampled(let time) = answer.outcome else {
                    Issue.record("\(answer.outcome)")
                    return
                }
                let topic = Topic(StreamNames.hostMetrics)
                let read = try await desk.bus.log.read(topic, partition: 0, from: Int64(number), limit: 10)
                let samples = try read.map { try HostSample(json: $0.record.value) }
                #expect(samples.map(\.timestamp) == [time])
                #expect(samples.first?.host == "a")
                #expect(samples.first?.interval == 7)
                #expect(samples.first?.memory.total == 409_600 << 10)
                // Time stands still in the fixture's /proc/stat.
                #expect(samples.first?.cpu.busyPercent == nil)
            }
        }
        try await run(isSampling: false) { desk in
            try await desk.pose("1", subject: HostQuestion.sample, Array("{}".utf8))
            #expect(try await desk.next().outcome == .failed(.unsupported))
        }
    }

    @Test func poisonGoesToTheDeadLetters() async throws {
        try await run { desk in
            try writeProcesses(desk.fixture)
            try await desk.send(Array("{}".utf8), id: "poison")
            try await desk.send(
                Array(#"{"id":"a.b","ingress":"i","subject":"processes","parameters":{}}"#.utf8), id: "dotted")
            try await desk.pose("sound")
            #expect(try await desk.next().id == "sound")
            let dead = try await desk.bus.queues.deadLetters(of: Self.queue, after: nil, limit: 10)
            #expect(dead.map(\.message.id) == ["poison", "dotted"])
        }
    }
}
