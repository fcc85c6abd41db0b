import BusClients
import BusTestKit
import Contracts
import Runtime
import SQLiteKit
import Testing

@testable import Ingress

@Suite struct OptimizationProjectionTests {
    private static let requested =
        #"{"id":"s1","optimization_type":"memory","host":"alpha","dry_run":false,"requested_by":"7"}"#
    private static let base = #""task_id":"s1","optimization_type":"memory","host":"alpha","requested_by":"7""#

    private func event(_ type: String, _ data: String) -> [UInt8] {
        OptimizationEvent(
            type: type, agent: "test", data: Array(data.utf8), timestamp: Timestamp(microseconds: 1_790_000_000_000_000)
        ).json
    }

    private func completed(_ change: String) -> [UInt8] {
        let at = Timestamp(microseconds: 1_790_000_000_000_000)
        let result = OptimizationResult(
            taskID: "s1", status: .completed, type: "memory", startedAt: at, completedAt: at, duration: 1.5,
            changes: [change], isDryRun: false)
        return event(
            "session.completed", "{\(Self.base),\"result\":\(String(decoding: result.json, as: UTF8.self))}")
    }

    /// The session after the events, each applied as a batch of its own.
    private func session(after events: [[UInt8]]) async throws -> OptimizationSession? {
        let folder = try TemporaryFolder()
        let projection = OptimizationProjection(time: SystemTime())
        let database = try await ViewsStore.open(
            path: "\(folder.path)/views.db", projections: [projection], metrics: MetricsRegistry(), logger: .silent)
        for (offset, body) in events.enumerated() {
            let record = ProjectionRecord(
                position: LogPosition(partition: 0, offset: Int64(offset)), key: "", headers: [:], body: body,
                timestamp: 0)
            try await database.write { connection in
                try projection.apply(
                    ProjectionBatch(source: projection.sources[0], records: [record]), connection)
            }
        }
        let session = try await database.read { try $0.optimization("s1") }
        try await database.close()
        return session
    }

    @Test func aRequestIsRunning() async throws {
        let session = try await session(after: [event("session.requested", Self.requested)])
        #expect(session?.owner == "7")
        #expect(session?.host == "alpha")
        #expect(session?.result.status == .running)
        #expect(session?.result.isDryRun == false)
    }

    @Test func theResultIsKept() async throws {
        let session = try await session(after: [
            event("session.requested", Self.requested), event("session.started", "{\(Self.base)}"),
            completed("released 3 MiB"),
        ])
        #expect(session?.result.status == .completed)
        #expect(session?.result.changes == ["released 3 MiB"])
        #expect(session?.result.duration == 1.5)
    }

    @Test func neverGoesBack() async throws {
        let session = try await session(after: [
            completed("first"), event("session.requested", Self.requested), event("session.started", "{\(Self.base)}"),
            event("session.failed", "{\(Self.base),\"error_message\":\"late\"}"), completed("second"),
        ])
        #expect(session?.result.status == .completed)
        #expect(session?.result.changes == ["first"])
        #expect(session?.result.errorMessage == nil)
        #expect(session?.owner == "7")
    }

    @Test func aFailureWithoutAResultIsTold() async throws {
        let session = try await session(after: [
            event("session.requested", Self.requested),
            event("session.failed", "{\(Self.base),\"error_message\":\"no memory cgroup\"}"),
        ])
        #expect(session?.result.status == .failed)
        #expect(session?.result.errorMessage == "no memory cgroup")
        #expect(session?.result.completedAt != nil)
    }

    @Test func otherEventsAreNoSessions() async throws {
        #expect(try await session(after: [event("memory.optimized", #"{"task_id":"s1","freed_mb":1}"#)]) == nil)
    }
}
