import Ingress
import Runtime
import SQLiteKit

/// Deletes the sessions of a filled file as the upkeep would when their time has come, all at once.
struct SessionPrune {
    /// The time at which everything in the file is past its retention.
    private struct Later: TimeSource {
        private let system = SystemTime()

        var now: Timestamp { system.now.advanced(by: .seconds(30 * 86_400)) }
        var uptime: Duration { system.uptime }

        func sleep(until deadline: Duration) async throws { try await system.sleep(until: deadline) }
    }

    let path: String
    /// Transactions to run at most.
    let slices: Int

    /// The time of the whole and of each slice as JSON.
    func run() async throws -> String {
        let projection = OptimizationProjection(time: Later())
        let database = try await ViewsStore.open(
            path: path, projections: [projection], metrics: MetricsRegistry(), logger: .silent)
        var taken: [Duration] = []
        var hasMore = true
        while hasMore, taken.count < slices {
            let begun = ContinuousClock.now
            hasMore = try await database.write { try projection.prune($0) }
            taken.append(begun.duration(to: .now))
        }
        try await database.close()
        taken.sort()
        let total = taken.reduce(.zero, +) / .seconds(1)
        let middle = taken[taken.count / 2] / .seconds(1)
        let longest = (taken.last ?? .zero) / .seconds(1)
        return "{\"slices\": \(taken.count), \"seconds\": \(total), \"median_seconds\": \(middle), "
            + "\"longest_seconds\": \(longest), \"is_done\": \(!hasMore)}"
    }
}
