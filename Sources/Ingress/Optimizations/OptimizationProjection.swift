internal import BusClients
internal import Contracts
package import Runtime
package import SQLiteKit

/// The optimization sessions of the fleet, from `optimization_events`.
package final class OptimizationProjection: Projection {
    package let name = "optimizations"
    package let migrations = OptimizationRows.migrations
    package let sources: [ProjectionSource] = [.exchange(ExchangeName(StreamNames.optimizationEvents), .all)]
    /// Sessions that a request waits for.
    let arrivals = Arrivals()

    private let time: any TimeSource

    package init(time: any TimeSource) { self.time = time }

    package func apply(_ batch: ProjectionBatch, _ connection: Connection) throws {
        var ids: [String] = []
        var counts = OptimizationCounts()
        for record in batch.records {
            guard let change = try OptimizationChange(body: record.body) else { continue }
            try connection.apply(change, &counts)
            ids.append(change.id)
        }
        try connection.store(counts)
        connection.afterCommit { [arrivals, ids] in arrivals.arrived(ids) }
    }

    package func prune(_ connection: Connection) throws -> Bool {
        try connection.pruneOptimizations(now: time.now)
    }
}
