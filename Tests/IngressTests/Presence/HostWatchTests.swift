import BusClients
import BusTestKit
import Contracts
import Runtime
import SQLiteKit
import Synchronization
import Testing

@testable import Ingress

@Suite struct HostWatchTests {
    /// The views of an ingress, an embedded bus, and a clock that the test moves.
    private final class Scene: Sendable {
        let time = ManualTime()
        let hosts: HostProjection
        let said: HostPresenceProjection
        let alerts: AlertProjection
        let isCaughtUp = Mutex(true)
        let bus: Bus
        let views: Database
        private let folder: TemporaryFolder
        private let read = Mutex<Int64>(0)

        init() async throws {
            folder = try TemporaryFolder()
            hosts = HostProjection(interval: .seconds(1), time: time)
            said = HostPresenceProjection(time: time)
            alerts = AlertProjection(time: time)
            bus = try await EmbeddedBus.open(EmbeddedBusConfiguration(folder: folder.path))
            views = try await ViewsStore.open(
                path: "\(folder.path)/views.db", projections: [hosts, said, alerts], metrics: MetricsRegistry(),
                logger: .silent)
        }

        func close() async throws {
            try await views.close()
            await bus.close()
        }

        func watch() -> HostWatch {
            HostWatch(
                hosts: hosts, said: said, bus: bus, time: time, downAfter: .seconds(60),
                isCaughtUp: { [self] in isCaughtUp.withLock { $0 } }, webhooks: { ["https://hooks.example.com/a"] },
                logger: .silent)
        }

        /// A sample arrives.
        func hear(_ host: String) async throws {
            let sample = HostSample(host: host, timestamp: time.now, interval: 1)
            try await apply(hosts, [record("", sample.json, time.now.microseconds)])
        }

        /// The views read what was published since; answers the routing keys.
        func readEvents() async throws -> [String] {
            let range = try await bus.events.history(of: AlertProjection.exchange)
            let from = read.withLock { $0 }
            guard from < range.upperBound else { return [] }
            var events: [RecordedEvent] = []
            let subscription = try await bus.events.subscribe(
                to: AlertProjection.exchange, matching: [.all], from: .offset(from))
            for try await batch in subscription {
                events += batch
                if let last = batch.last, last.offset + 1 >= range.upperBound { break }
            }
            for event in events {
                let key = event.routingKey.rawValue
                let record = record(key, event.message.body, time.now.microseconds)
                if key.hasPrefix("host.") {
                    try await apply(said, [record])
                } else {
                    try await apply(alerts, [record])
                }
            }
            read.withLock { $0 = range.upperBound }
            return events.map(\.routingKey.rawValue)
        }

        private func record(_ key: String, _ body: [UInt8], _ at: Int64) -> ProjectionRecord {
            ProjectionRecord(
                position: LogPosition(partition: 0, offset: 0), key: key, headers: [:], body: body, timestamp: at)
        }

        private func apply(_ projection: any Projection, _ records: [ProjectionRecord]) async throws {
            try await views.write { connection in
                try projection.apply(ProjectionBatch(source: projection.sources[0], records: records), connection)
            }
        }
    }

    private func scene(_ body: (Scene) async throws -> Void) async throws {
        let scene = try await Scene()
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(scene)) } catch { outcome = .failure(error) }
        try await scene.close()
        try outcome.get()
    }

    private func pass(
        _ seconds: Int, _ scene: Scene, _ watch: HostWatch, _ memory: inout HostWatch.Memory,
        hearing host: String? = nil
    ) async throws {
        for _ in 0..<seconds {
            scene.time.advance(by: .seconds(1))
            if let host { try await scene.hear(host) }
            await watch.look(&memory)
        }
    }

    @Test func tellsOnceAndRaisesAnAlertThatEnds() async throws {
        try await scene { scene in
            let watch = scene.watch()
            var memory = watch.makeMemory()
            try await pass(3, scene, watch, &memory, hearing: "alpha")
            #expect(try await scene.readEvents() == ["host.up.alpha"])
            // Nobody reads for a while: what was published is not said again.
            try await pass(70, scene, watch, &memory)
            let keys = try await scene.readEvents()
            #expect(keys == ["host.stale.alpha", "host.down.alpha", "alert.raised.alpha"])
            let query = AlertQuery(since: scene.time.now)
            let raised = try await scene.views.read { try $0.alerts(query) }
            #expect(raised.count == 1)
            #expect(raised.first?.rule == "host_down" && raised.first?.state == "firing")
            #expect(raised.first?.value == 60 && raised.first?.threshold == 60)
            try await pass(1, scene, watch, &memory, hearing: "alpha")
            #expect(try await scene.readEvents() == ["host.up.alpha", "alert.resolved.alpha"])
            let resolved = try await scene.views.read { try $0.alerts(query) }
            #expect(resolved.first?.id == raised.first?.id && resolved.first?.state == "resolved")
            #expect(resolved.first?.raisedAt == raised.first?.raisedAt)
            let told = try await scene.bus.queues.status(of: QueueName(StreamNames.alertWebhooks)).ready
            #expect(told == 2)
        }
    }

    @Test func anotherIngressSaysTheSameOrNothing() async throws {
        try await scene { scene in
            let (first, second) = (scene.watch(), scene.watch())
            var (one, other) = (first.makeMemory(), second.makeMemory())
            // Both look before either has read: the second repeats, with the same ids.
            for _ in 0..<62 {
                scene.time.advance(by: .seconds(1))
                if scene.time.uptime <= .seconds(1002) { try await scene.hear("alpha") }
                await first.look(&one)
                await second.look(&other)
            }
            let subscription = try await scene.bus.events.subscribe(
                to: AlertProjection.exchange, matching: [.all], from: .first)
            var ids: [String] = []
            for try await batch in subscription {
                ids += batch.map(\.message.id.rawValue)
                if ids.count >= 8 { break }
            }
            #expect(ids.count == 8)
            #expect(Set(ids).count == 4)
            _ = try await scene.readEvents()
            let alerts = try await scene.views.read { try $0.alerts(AlertQuery(since: scene.time.now)) }
            #expect(alerts.count == 1)
            // Who has read says nothing more.
            let third = scene.watch()
            var fresh = third.makeMemory()
            try await pass(100, scene, third, &fresh)
            #expect(try await scene.readEvents() == [])
        }
    }

    @Test func nobodyIsDownWhileNothingCanBeHeard() async throws {
        try await scene { scene in
            let watch = scene.watch()
            var memory = watch.makeMemory()
            try await pass(3, scene, watch, &memory, hearing: "alpha")
            #expect(try await scene.readEvents() == ["host.up.alpha"])
            scene.isCaughtUp.withLock { $0 = false }
            try await pass(200, scene, watch, &memory)
            scene.isCaughtUp.withLock { $0 = true }
            try await pass(5, scene, watch, &memory)
            // The machine sleeps for an hour.
            scene.time.advance(by: .seconds(3600))
            await watch.look(&memory)
            try await pass(5, scene, watch, &memory)
            try await pass(1, scene, watch, &memory, hearing: "alpha")
            #expect(try await scene.readEvents() == [])
        }
    }

    @Test func aRestartKnowsWhatWasSaid() async throws {
        try await scene { scene in
            let watch = scene.watch()
            var memory = watch.makeMemory()
            try await pass(3, scene, watch, &memory, hearing: "alpha")
            _ = try await scene.readEvents()
            let restarted = HostPresenceProjection(time: scene.time)
            try await restarted.load(from: scene.views)
            #expect(restarted.state(of: "alpha") == .up)
            #expect(restarted.changes == scene.said.changes)
        }
    }
}
