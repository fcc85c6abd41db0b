internal import BusClients
internal import Runtime
internal import SQLiteKit

/// Runs every projection: a follower for each source, and the upkeep.
final class ProjectionRunner: Sendable {
    private struct Source: Sendable {
        let source: ProjectionSource
        let progress: SourceProgress
        let series: ProjectionMetrics.Series
        let follower: ProjectionFollower
    }

    /// How often the lag is measured.
    private static let lagInterval: Duration = .seconds(5)
    /// How often rows past their retention are deleted.
    private static let pruneInterval: Duration = .seconds(60)
    /// A source that is silent for so long has given all it has.
    private static let quiet: Duration = .seconds(3)

    private let projections: [any Projection]
    private let sources: [Source]
    private let bus: Bus
    private let database: Database
    private let time: any TimeSource
    private let logger: Logger
    private let caughtUp: AsyncStream<Never>
    private let signal: AsyncStream<Never>.Continuation

    init(
        projections: [any Projection], bus: Bus, database: Database, time: any TimeSource, metrics: MetricsRegistry,
        logger: Logger
    ) {
        let logger = logger.component("projections")
        let (caughtUp, signal) = AsyncStream.makeStream(of: Never.self)
        let pairs = projections.flatMap { projection in
            projection.sources.map { (projection, $0, SourceProgress(now: time.uptime)) }
        }
        let progresses = pairs.map(\.2)
        let checkAll: @Sendable () -> Void = {
            if progresses.allSatisfy(\.isCaughtUp) { signal.finish() }
        }
        let progressMetrics = ProjectionMetrics(metrics)
        sources = pairs.map { projection, source, progress in
            let series = progressMetrics.series(projection: projection.name, source: source.name)
            let fields: LogFields = ["projection": .string(projection.name), "source": .string(source.name)]
            return Source(
                source: source, progress: progress, series: series,
                follower: ProjectionFollower(
                    projection: projection, source: source, bus: bus, database: database, progress: progress,
                    metrics: series, time: time, logger: logger.with(fields), caughtUp: checkAll))
        }
        self.projections = projections
        self.bus = bus
        self.database = database
        self.time = time
        self.logger = logger
        self.caughtUp = caughtUp
        self.signal = signal
    }

    /// Whether every source has been read to where it ended when it was first seen.
    var isCaughtUp: Bool { sources.allSatisfy(\.progress.isCaughtUp) }

    /// How one source of one projection stands.
    struct SourceState: Sendable {
        let projection: String
        let source: String
        let isCaughtUp: Bool
    }

    var states: [SourceState] {
        sources.map {
            SourceState(
                projection: $0.follower.projection.name, source: $0.source.name, isCaughtUp: $0.progress.isCaughtUp)
        }
    }

    /// Follows every source until it is cancelled.
    /// - Throws: `SQLiteError` when views.db must be replaced.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for source in sources {
                group.addTask { try await source.follower.run() }
                group.addTask { await self.settle(source) }
            }
            group.addTask { await self.every(Self.lagInterval) { await self.measureLag() } }
            group.addTask { await self.every(Self.pruneInterval) { await self.prune() } }
            try await group.waitForAll()
        }
    }

    /// Waits until every source is caught up, at most so long. One waiter only.
    func waitUntilCaughtUp(atMost limit: Duration) async {
        guard !isCaughtUp else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [caughtUp] in for await _ in caughtUp {} }
            group.addTask { [time] in
                do { try await time.sleep(for: limit) } catch { return }  // Cancelled: the other came first.
            }
            await group.next()
            group.cancelAll()
        }
        if !isCaughtUp { logger.warning("serving_before_caught_up") }
    }

    /// Ends the catching up of a source whose last offsets carry no record.
    private func settle(_ source: Source) async {
        while let left = source.progress.settle(quiet: Self.quiet, now: time.uptime) {
            do { try await time.sleep(for: left) } catch { return }  // Cancelled.
        }
        if isCaughtUp { signal.finish() }
    }

    private func every(_ interval: Duration, _ body: @Sendable () async -> Void) async {
        while !Task.isCancelled {
            do { try await time.sleep(for: interval) } catch { return }  // Cancelled.
            await body()
        }
    }

    private func measureLag() async {
        for source in sources {
            do {
                source.series.lag(source.progress.lag(end: try await source.source.range(on: bus)))
            } catch {
                logger.debug("lag_unknown", ["source": .string(source.source.name), "error": "\(error)"])
            }
        }
    }

    private func prune() async {
        for projection in projections {
            do {
                // What waits for the writer goes in between.
                while try await database.write({ try projection.prune($0) }), !Task.isCancelled {}
            } catch {
                logger.warning("pruning_failed", ["projection": .string(projection.name), "error": "\(error)"])
            }
        }
    }
}
