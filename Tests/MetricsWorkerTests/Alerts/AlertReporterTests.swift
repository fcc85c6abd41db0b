import BusClients
import BusTestKit
import Contracts
import Glibc
import Runtime
import Testing

@testable import MetricsWorker

@Suite struct AlertReporterTests {
    private static let rule = AlertRule(
        "memory_full", "Full", .memory, hold: .zero, keepFiring: .zero,
        levels: [.init(.high, enter: 90, leave: 85)])

    private static func sample(_ percent: Double?) -> HostSample {
        HostSample(
            host: "alpha", timestamp: SystemTime().now, interval: 1, memory: MemorySample(usedPercent: percent))
    }

    private static func reporter(_ bus: Bus, _ path: String?) -> AlertReporter {
        AlertReporter(
            rules: [rule], path: path, bus: bus, time: SystemTime(), metrics: MetricsRegistry(),
            logger: .silent)
    }

    /// Runs a reporter until the body has returned.
    private static func run(_ reporter: AlertReporter, _ body: () async throws -> Void) async throws {
        let running = Task { await reporter.run() }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        running.cancel()
        await running.value
        try outcome.get()
    }

    /// So many changes from the start of the exchange.
    private static func changes(_ count: Int, on bus: Bus) async throws -> [AlertChange] {
        try await withDeadline("\(count) changes") {
            var found: [AlertChange] = []
            while found.count < count {
                do {
                    let events = try await bus.events.subscribe(
                        to: ExchangeName(StreamNames.fleetEvents), matching: ["alert.#"], from: .first)
                    for try await batch in events {
                        found += try batch.map { try AlertChange(json: $0.message.body) }
                        if found.count >= count { break }
                    }
                } catch let error as BusError where error.code == .unknownExchange {
                    await Task.yield()
                }
            }
            return found
        }
    }

    private static func open(_ folder: TemporaryFolder) async throws -> Bus {
        try await EmbeddedBus.open(
            EmbeddedBusConfiguration(folder: folder.path), time: SystemTime(), logger: .silent, metrics: nil)
    }

    @Test func tellsWhatChangesOnceAndInItsOrder() async throws {
        let folder = try TemporaryFolder()
        let bus = try await Self.open(folder)
        let reporter = Self.reporter(bus, nil)
        try await Self.run(reporter) {
            for percent in [95.0, 96, 50, 95] { reporter.observe(Self.sample(percent)) }
            let found = try await Self.changes(3, on: bus)
            #expect(found.map(\.change) == [.raised, .resolved, .raised])
            #expect(found.map(\.revision) == [1, 2, 1])
            #expect(found[0].alertID == found[1].alertID)
            #expect(found[0].alertID != found[2].alertID)
        }
        await bus.close()
    }

    @Test func aRestartNeitherForgetsNorRepeats() async throws {
        let folder = try TemporaryFolder()
        let bus = try await Self.open(folder)
        let path = folder.path + "/alerts.json"
        let first = Self.reporter(bus, path)
        try await Self.run(first) {
            first.observe(Self.sample(95))
            _ = try await Self.changes(1, on: bus)
        }
        let second = Self.reporter(bus, path)
        try await Self.run(second) {
            second.observe(Self.sample(95))
            second.observe(Self.sample(50))
            let found = try await Self.changes(2, on: bus)
            #expect(found.map(\.change) == [.raised, .resolved])
            #expect(found[0].alertID == found[1].alertID)
        }
        await bus.close()
    }

    /// What could not be told before the end is told after the next start.
    @Test func whatWasNotToldIsToldLater() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/alerts.json"
        let change = AlertChange(
            change: .raised, alertID: "e1", revision: 1, host: "alpha", rule: "memory_full", metric: "memory_percent",
            subject: nil, severity: .high, title: "t", message: "m", state: .firing, value: 95, threshold: 90,
            raisedAt: Timestamp(microseconds: 1), at: Timestamp(microseconds: 1))
        try AlertFile(path: path).write(.init(firing: [change], untold: [change]))
        let bus = try await Self.open(folder)
        let reporter = Self.reporter(bus, path)
        try await Self.run(reporter) {
            let told = try await Self.changes(1, on: bus).map(\.alertID)
            #expect(told == ["e1"])
            try await withDeadline("the file knows") {
                while try !AlertFile(path: path).read().untold.isEmpty { await Task.yield() }
            }
        }
        #expect(try AlertFile(path: path).read().firing == [change])
        await bus.close()
    }

    private static func plan(_ webhooks: [String]) -> MonitoringPlan {
        var plan = MonitoringPlan(nil, interval: .seconds(1), standard: [rule], host: nil)
        plan.webhooks = webhooks
        return plan
    }

    /// So many jobs from the queue, which they leave.
    private static func jobs(_ count: Int, on bus: Bus) async throws -> [(id: String, delivery: WebhookDelivery)] {
        try await withDeadline("\(count) jobs") {
            var found: [(id: String, delivery: WebhookDelivery)] = []
            while found.count < count {
                do {
                    let deliveries = try await bus.queues.consume(QueueName(StreamNames.alertWebhooks), prefetch: 10)
                    for try await batch in deliveries {
                        for delivery in batch {
                            let body = try WebhookDelivery(json: delivery.message.body)
                            found.append((delivery.message.id.rawValue, body))
                            delivery.ack()
                        }
                        if found.count >= count { break }
                    }
                } catch let error as BusError where error.code == .unknownQueue {
                    await Task.yield()
                }
            }
            return found
        }
    }

    @Test func everyWebhookHasAJobForEveryChange() async throws {
        let folder = try TemporaryFolder()
        let bus = try await Self.open(folder)
        let path = folder.path + "/alerts.json"
        let reporter = Self.reporter(bus, path)
        try await Self.run(reporter) {
            reporter.use(Self.plan(["https://a.example", "https://b.example"]))
            reporter.observe(Self.sample(95))
            reporter.use(Self.plan(["https://b.example"]))
            reporter.observe(Self.sample(50))
            let jobs = try await Self.jobs(3, on: bus)
            #expect(jobs.map(\.delivery.url) == ["https://a.example", "https://b.example", "https://b.example"])
            #expect(jobs.map(\.delivery.change.change) == [.raised, .raised, .resolved])
            #expect(jobs.allSatisfy { $0.id == $0.delivery.id })
            try await withDeadline("the file knows") {
                while try !AlertFile(path: path).read().webhooks.isEmpty { await Task.yield() }
            }
        }
        await bus.close()
    }

    /// A worker that ends before it knows the fleet's settings tells their webhooks after the next start.
    @Test func whatWasRaisedBeforeTheWebhooksAreKnownIsSentToThem() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/alerts.json"
        let bus = try await Self.open(folder)
        let first = Self.reporter(bus, path)
        try await Self.run(first) {
            first.observe(Self.sample(95))
            _ = try await Self.changes(1, on: bus)
        }
        let second = Self.reporter(bus, path)
        try await Self.run(second) {
            second.observe(Self.sample(50))
            second.use(Self.plan(["https://a.example"]))
            let jobs = try await Self.jobs(2, on: bus)
            #expect(jobs.map(\.delivery.change.change) == [.raised, .resolved])
            try await withDeadline("the file knows") {
                while true {
                    let contents = try AlertFile(path: path).read()
                    if contents.unaddressed.isEmpty, contents.webhooks.isEmpty { return }
                    await Task.yield()
                }
            }
        }
        await bus.close()
    }

    /// A crash between the change and its queue: the job is made after the next start, with the same id, also where the
    /// webhook is not named any more.
    @Test func aJobThatWasNotEnqueuedIsEnqueuedLater() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/alerts.json"
        let change = AlertChange(
            change: .raised, alertID: "e1", revision: 1, host: "alpha", rule: "memory_full", metric: "memory_percent",
            subject: nil, severity: .high, title: "t", message: "m", state: .firing, value: 95, threshold: 90,
            raisedAt: Timestamp(microseconds: 1), at: Timestamp(microseconds: 1))
        let job = WebhookDelivery(of: change, to: "https://a.example")
        try AlertFile(path: path).write(.init(firing: [change], untold: [], webhooks: [job]))
        let bus = try await Self.open(folder)
        let reporter = Self.reporter(bus, path)
        try await Self.run(reporter) {
            let found = try await Self.jobs(1, on: bus)
            #expect(found.map(\.delivery) == [job])
            #expect(found.map(\.id) == [job.id])
        }
        await bus.close()
    }

    @Test(arguments: ["", "{", #"{"firing":[],"untold":3}"#, #"{"firing":[{"change":"raised"}],"untold":[]}"#])
    func aFileThatCannotBeReadIsNoReasonToStop(text: String) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/alerts.json"
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        #expect(Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count)
        Glibc.close(descriptor)
        let bus = try await Self.open(folder)
        let reporter = Self.reporter(bus, path)
        try await Self.run(reporter) {
            reporter.observe(Self.sample(95))
            let told = try await Self.changes(1, on: bus).map(\.change)
            #expect(told == [.raised])
        }
        await bus.close()
    }

    /// A bus that is away for long: the oldest changes go, the latest of each alert does not.
    @Test func waitsWithinABound() async throws {
        let folder = try TemporaryFolder()
        let bus = try await Self.open(folder)
        let reporter = Self.reporter(bus, nil)
        for round in 0..<1500 { reporter.observe(Self.sample(round % 2 == 0 ? 95 : 50)) }
        try await Self.run(reporter) {
            let found = try await Self.changes(1000, on: bus)
            #expect(found.count == 1000)
            #expect(found.last?.change == .resolved)
        }
        await bus.close()
    }
}
