import BusClients
import Glibc
import Ingress
import Runtime
import SQLiteKit

/// Applies records to a projection in batches, as its follower does, and counts only the time of that.
struct Fill {
    /// As many as a follower puts into one transaction.
    private static let batchSize = 1000

    let database: Database
    private let path: String
    private let projection: any Projection
    private var waiting: [ProjectionRecord] = []
    private var applied = 0
    private var duration: Duration = .zero
    private var slowest: Duration = .zero

    init(path: String, projection: any Projection) async throws {
        self.path = path
        self.projection = projection
        database = try await ViewsStore.open(
            path: path, projections: [projection], metrics: MetricsRegistry(), logger: .silent)
        waiting.reserveCapacity(Self.batchSize)
    }

    mutating func add(key: String, body: [UInt8], at timestamp: Timestamp) async throws {
        waiting.append(
            ProjectionRecord(
                position: LogPosition(partition: 0, offset: Int64(applied + waiting.count)), key: key, headers: [:],
                body: body, timestamp: timestamp.microseconds))
        if waiting.count == Self.batchSize { try await flush() }
    }

    mutating func flush() async throws {
        guard !waiting.isEmpty else { return }
        let batch = ProjectionBatch(source: projection.sources[0], records: waiting)
        let begun = ContinuousClock.now
        try await database.write { [projection] in try projection.apply(batch, $0) }
        let taken = begun.duration(to: .now)
        duration += taken
        slowest = max(slowest, taken)
        applied += waiting.count
        waiting.removeAll(keepingCapacity: true)
    }

    /// Lets the upkeep do what it does once a minute, counts the rows of the tables, and closes the file.
    func finish(tables: [String]) async throws -> FillResult {
        let begun = ContinuousClock.now
        var slowestSlice: Duration = .zero
        var hasMore = true
        while hasMore {
            let sliceBegun = ContinuousClock.now
            hasMore = try await database.write { [projection] in try projection.prune($0) }
            slowestSlice = max(slowestSlice, sliceBegun.duration(to: .now))
        }
        let upkeep = begun.duration(to: .now)
        let rows = try await database.read { connection in
            try tables.map { table in (table, try connection.first("SELECT count(*) FROM \(table)") { $0.int(0) } ?? 0)
            }
        }
        try await database.close()
        var status = stat()
        guard stat(path, &status) == 0 else { throw FillError(description: "\(path) is gone") }
        return FillResult(
            records: applied, seconds: duration / .seconds(1), slowestBatchSeconds: slowest / .seconds(1),
            upkeepSeconds: upkeep / .seconds(1), slowestSliceSeconds: slowestSlice / .seconds(1), rows: rows,
            bytes: Int(status.st_size))
    }
}

/// What a fill took and left.
struct FillResult {
    let records: Int
    let seconds: Double
    let slowestBatchSeconds: Double
    let upkeepSeconds: Double
    let slowestSliceSeconds: Double
    let rows: [(table: String, count: Int64)]
    let bytes: Int

    var json: String {
        let counts = rows.map { "\"\($0.table)\": \($0.count)" }.joined(separator: ", ")
        return "{\"records\": \(records), \"seconds\": \(seconds), \"slowest_batch_seconds\": \(slowestBatchSeconds), "
            + "\"upkeep_seconds\": \(upkeepSeconds), \"slowest_slice_seconds\": \(slowestSliceSeconds), "
            + "\"rows\": {\(counts)}, \"bytes\": \(bytes)}"
    }
}

/// Why there is no result.
struct FillError: Error, CustomStringConvertible {
    let description: String
}
