import BusClients
import BusTestKit
import Contracts
import Runtime
import SQLiteKit

@testable import Ingress

/// A views.db with the hosts alone, and a clock that stands.
struct TestHistory {
    let folder: TemporaryFolder
    let time: ManualTime
    let projection: HostProjection
    let database: Database

    init(
        _ time: ManualTime = ManualTime(), keeping limits: HostHistoryLimits = .standard,
        in folder: TemporaryFolder? = nil
    ) async throws {
        self.folder = try folder ?? TemporaryFolder()
        self.time = time
        projection = HostProjection(interval: .seconds(1), keeping: limits, time: time)
        database = try await ViewsStore.open(
            path: "\(self.folder.path)/views.db", projections: [projection], metrics: MetricsRegistry(),
            logger: .silent)
    }

    func apply(_ samples: [HostSample]) async throws {
        let records = samples.map {
            ProjectionRecord(
                position: LogPosition(partition: 0, offset: 0), key: $0.host, headers: [:], body: $0.json,
                timestamp: $0.timestamp.microseconds)
        }
        try await database.write { [projection] in
            try projection.apply(ProjectionBatch(source: projection.sources[0], records: records), $0)
        }
    }

    func prune() async throws {
        while try await database.write({ [projection] in try projection.prune($0) }) {}
    }

    /// - Parameter names: of metrics.
    func range(
        hours: Double, step: Int64? = nil, _ names: [String] = HostMetric.names, host: String = "alpha"
    ) async throws -> MetricsRange {
        let end = time.now
        let query = MetricsRange.Query(
            host: host, start: end.advanced(by: .microseconds(-Int64(hours * 3_600_000_000))), end: end, step: step,
            metrics: names.compactMap { HostMetric.places[$0] })
        return try await database.read { try $0.metricsRange(query) }
    }

    /// The records of `/api/v1/system/stats/history`.
    func stats(hours: Int) async throws -> [HostStats] {
        let end = time.now
        let start = end.advanced(by: .seconds(-3600 * hours))
        return try await database.read { [limits = projection.limits] in
            try $0.hostHistory("alpha", since: start, until: end, keeping: limits)
        }
    }

    func close() async throws { try await database.close() }

    func count(_ what: String, of table: String) async throws -> Int {
        try await database.read { try $0.first("SELECT ifnull(\(what), 0) FROM \(table)") { Int($0.int(0)) } ?? 0 }
    }
}
