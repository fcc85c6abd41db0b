import BusClients
import BusTestKit
import Glibc
import Runtime
import SQLiteKit
import Synchronization
import Testing

@testable import Ingress

@Suite struct ProjectionLagTests {
    private static let topic = Topic("numbers")

    /// Stays in `apply` until it is released.
    private final class HeldProjection: Projection {
        let name = "held"
        let migrations: [Migration] = []
        let sources: [ProjectionSource] = [.log(ProjectionLagTests.topic)]
        private let state = Mutex((isHeld: true, hasBegun: false))

        var hasBegun: Bool { state.withLock { $0.hasBegun } }

        func release() { state.withLock { $0.isHeld = false } }

        func apply(_ batch: ProjectionBatch, _ connection: Connection) throws {
            state.withLock { $0.hasBegun = true }
            while state.withLock({ $0.isHeld }) { sched_yield() }
        }
    }

    @Test func risesWhileAProjectionIsHeldAndFallsAfter() async throws {
        let folder = try TemporaryFolder()
        let bus = try await EmbeddedBus.open(
            EmbeddedBusConfiguration(folder: folder.path), time: SystemTime(), logger: .silent, metrics: nil)
        try await bus.log.createTopic(Self.topic, TopicOptions())
        try await append("a", to: bus)
        let (projection, time, metrics) = (HeldProjection(), ManualTime(), MetricsRegistry())
        let database = try await ViewsStore.open(
            path: "\(folder.path)/views.db", projections: [projection], metrics: metrics, logger: .silent)
        let runner = ProjectionRunner(
            projections: [projection], bus: bus, database: database, time: time, metrics: metrics, logger: .silent)
        let running = Task { try await runner.run() }
        try await withDeadline("the first record is in hand") { while !projection.hasBegun { await Task.yield() } }
        try await append("b", "c", to: bus)
        try await withDeadline("the lag is seen") { try await Self.wait(for: 3, metrics, time) }
        projection.release()
        try await withDeadline("the lag is gone") { try await Self.wait(for: 0, metrics, time) }
        running.cancel()
        try await running.value
        try await database.close()
        await bus.close()
    }

    private func append(_ bodies: String..., to bus: Bus) async throws {
        _ = try await bus.log.append(bodies.map { LogRecord(key: $0, value: Array($0.utf8)) }, to: Self.topic)
    }

    /// Moves the clock from one measurement to the next until the metric has the value.
    private static func wait(for lag: Int, _ metrics: MetricsRegistry, _ time: ManualTime) async throws {
        let line = "flotilla_projection_lag_records{projection=\"held\",source=\"numbers\"} \(lag)"
        while !metrics.render().split(separator: "\n").contains(where: { $0 == line }) {
            time.advance(by: .seconds(5))
            await Task.yield()
        }
    }
}
