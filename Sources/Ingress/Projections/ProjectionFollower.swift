internal import BusClients
internal import Runtime
internal import SQLiteKit

/// Applies one source of one projection for as long as it runs.
///
/// The bus may be away and come back: it goes on from the stored offset. Only a views.db that must be replaced ends it.
struct ProjectionFollower: Sendable {
    /// Records in one transaction: bounds how long other projections wait for the writer.
    private static let recordsPerTransaction = 1000

    let projection: any Projection
    let source: ProjectionSource
    let bus: Bus
    let database: Database
    let progress: SourceProgress
    let metrics: ProjectionMetrics.Series
    let time: any TimeSource
    let logger: Logger
    let caughtUp: @Sendable () -> Void

    private var offsetsName: String { source.offsetsName(on: bus) }

    /// - Throws: `SQLiteError` that is fatal.
    func run() async throws {
        let policy = RetryPolicy(initial: .milliseconds(200), maximum: .seconds(5), multiplier: 2)
        var random = SystemRandomNumberGenerator()
        var attempt = 1
        while !Task.isCancelled {
            do {
                if try await follow() { attempt = 1 }
            } catch let error as SQLiteError where error.isFatal {
                throw error
            } catch is CancellationError {
                return
            } catch {
                logger.warning("projection_interrupted", ["attempt": .int(Int64(attempt)), "error": "\(error)"])
            }
            guard !Task.isCancelled else { return }
            let delay = policy.delay(attempt: attempt, using: &random) ?? .seconds(5)
            attempt += 1
            do { try await time.sleep(for: delay) } catch { return }  // Cancelled.
        }
    }

    /// Follows the source until it ends or fails; answers whether anything was read.
    private func follow() async throws -> Bool {
        try await source.ensureExists(on: bus)
        let end = try await source.range(on: bus)
        let start = try await startOffsets(end)
        projection.began(source, at: start)
        if progress.start(at: start, end: end, now: time.uptime) { caughtUp() }
        var reader = try await ProjectionReader(source, on: bus, from: start)
        var hasRead = false
        while let records = try await reader.next() {
            hasRead = true
            for chunk in stride(from: 0, to: records.count, by: Self.recordsPerTransaction) {
                let upper = min(chunk + Self.recordsPerTransaction, records.count)
                try await commit(Array(records[chunk..<upper]))
            }
        }
        return hasRead
    }

    /// Where to go on. Offsets beyond the source's end are of a source that was deleted and made again: everything in
    /// the new one is new.
    private func startOffsets(_ end: [Range<Int64>]) async throws -> [Int: Int64] {
        let stored = try await database.read { [projection, offsetsName] in
            try $0.projectionOffsets(projection.name, offsetsName)
        }
        let isOfAnother = stored.contains { partition, next in
            !end.indices.contains(partition) || next > end[partition].upperBound
        }
        guard isOfAnother else { return stored }
        logger.warning("source_replaced", ["source": .string(source.name)])
        try await database.write { [projection, offsetsName] in
            try $0.deleteProjectionOffsets(projection.name, offsetsName)
        }
        return [:]
    }

    /// Applies records and stores their offsets in one transaction.
    private func commit(_ records: [ProjectionRecord]) async throws {
        do {
            try await apply(records)
        } catch  where Self.isPoison(error) {
            for record in records {
                do {
                    try await apply([record])
                } catch  where Self.isPoison(error) {
                    try await skip(record, reason: error)
                }
            }
        }
        if progress.advance(to: records.nextOffsets, now: time.uptime) { caughtUp() }
        metrics.applied(records.count, at: time.now)
    }

    private func apply(_ records: [ProjectionRecord]) async throws {
        let applied = try await database.write { [projection, source, offsetsName] connection -> ProjectionBatch? in
            let stored = try connection.projectionOffsets(projection.name, offsetsName)
            // Followers of one source never run twice; this makes a repeat harmless all the same.
            let fresh = records.filter {
                $0.position.offset >= stored[$0.position.partition] ?? 0 && source.includes($0)
            }
            for (partition, next) in records.nextOffsets where next > stored[partition] ?? 0 {
                try connection.storeProjectionOffset(
                    projection.name, offsetsName, partition: partition, next: next)
            }
            guard !fresh.isEmpty else { return nil }
            let batch = ProjectionBatch(source: source, records: fresh)
            try projection.apply(batch, connection)
            return batch
        }
        if let applied { projection.committed(applied) }
    }

    private func skip(_ record: ProjectionRecord, reason: any Error) async throws {
        try await database.write { [projection, offsetsName] connection in
            try connection.storeProjectionOffset(
                projection.name, offsetsName, partition: record.position.partition, next: record.position.offset + 1)
        }
        metrics.poison()
        logger.error(
            "poison_record_skipped",
            [
                "partition": .int(Int64(record.position.partition)), "offset": .int(record.position.offset),
                "reason": "\(reason)",
            ])
    }

    /// Whether applying again can only fail again: everything but the database's own trouble.
    private static func isPoison(_ error: any Error) -> Bool {
        guard let error = error as? SQLiteError else { return !(error is CancellationError) }
        return !error.isRetriable && !error.isFatal
    }
}
