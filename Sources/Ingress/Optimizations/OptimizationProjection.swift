internal import BusClients
internal import Contracts
internal import Runtime
internal import SQLiteKit

/// The optimization sessions of the fleet, from `optimization_events`.
final class OptimizationProjection: Projection {
    let name = "optimizations"
    let migrations = [OptimizationRows.migration]
    let sources: [ProjectionSource] = [.exchange(ExchangeName(StreamNames.optimizationEvents), .all)]
    /// Sessions that a request waits for.
    let arrivals = Arrivals()

    private let time: any TimeSource

    init(time: any TimeSource) { self.time = time }

    func apply(_ batch: ProjectionBatch, _ connection: Connection) throws {
        var ids: [String] = []
        for record in batch.records {
            guard let change = try OptimizationChange(body: record.body) else { continue }
            try connection.apply(change)
            ids.append(change.id)
        }
        connection.afterCommit { [arrivals, ids] in arrivals.arrived(ids) }
    }

    func prune(_ connection: Connection) throws { try connection.pruneOptimizations(now: time.now) }
}
