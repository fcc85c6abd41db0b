internal import BusClients
internal import Contracts
package import Runtime
package import SQLiteKit
internal import Synchronization

/// The view of device commands: from the pusher's statuses, the accepted commands' events, and devices' feedback on the
/// command topic. A command's state never goes back.
package final class CommandProjection: Projection {
    package let name = "commands"
    package let migrations = CommandRows.migrations
    package let sources: [ProjectionSource]
    let waiters: CommandWaiters
    let claims = CommandClaims()
    /// Somebody should tell the fleet of what devices refused.
    let refusals = RefusalSignal()
    /// Reads that wait for the events they may have missed.
    let events: OffsetWaiters
    /// Reads that wait for the statuses they may have missed.
    let statuses: OffsetWaiters

    /// Statuses are kept so long.
    static let retention: Duration = .seconds(7 * 86_400)
    /// Rows deleted in one transaction of the upkeep.
    private static let pruneLimit = 20_000

    private let commandTopic: Topic
    private let time: any TimeSource
    private let logger: Logger
    private let failures: Counter
    private let durations: CommandDurations
    /// The next offset of each partition of the command topic, as far as it was read.
    private let ends = Mutex<[Int: Int64]>([:])

    package init(
        commandTopic: String = StreamNames.deviceCommands, time: any TimeSource, metrics: MetricsRegistry,
        logger: Logger
    ) {
        self.commandTopic = Topic(commandTopic)
        self.time = time
        waiters = CommandWaiters(time: time)
        events = OffsetWaiters(time: time)
        statuses = OffsetWaiters(time: time)
        self.logger = logger
        durations = CommandDurations(metrics, since: time.now)
        failures = metrics.counter(
            "flotilla_commands_not_published_total", help: "Commands that failed or expired before they were published."
        )
        sources = [
            .log(Topic(StreamNames.deviceCommandStatus)), .exchange(ExchangeName(StreamNames.commandEvents), .all),
            .log(self.commandTopic),
        ]
    }

    /// Where each partition of the command topic ended, or earlier.
    var logEnds: [Int: Int64] { ends.withLock { $0 } }

    /// Puts the rows that an older version left into blocks.
    package func load(from database: Database) async throws {
        while try await database.write({ try $0.indexCommands() }) {}
    }

    package func began(_ source: ProjectionSource, at offsets: [Int: Int64]) {
        switch source {
        case .log(commandTopic): ends.withLock { $0 = offsets }
        case .log: statuses.begin(at: offsets)
        case .exchange: events.begin(at: offsets)
        }
    }

    package func apply(_ batch: ProjectionBatch, _ connection: Connection) throws {
        switch batch.source {
        case .log(commandTopic): try applyCommands(batch, connection)
        case .log: try applyStatuses(batch, connection)
        case .exchange: try applyEvents(batch, connection)
        }
        try connection.indexCommands(limit: .max)
        let end = time.now.advanced(by: .zero - Self.retention)
        _ = try connection.pruneCommands(before: end, limit: max(64, 2 * batch.records.count))
    }

    package func prune(_ connection: Connection) throws -> Bool {
        try connection.pruneCommands(before: time.now.advanced(by: .zero - Self.retention), limit: Self.pruneLimit)
    }

    private func applyStatuses(_ batch: ProjectionBatch, _ connection: Connection) throws {
        var changes = Changes()
        for record in batch.records { try store(record.body, connection, &changes) }
        for (_, id) in changes.ended { try connection.dropBatch(of: id) }
        announce(changes, connection)
        connection.afterCommit { [statuses, next = batch.records.nextOffsets] in statuses.advance(to: next) }
    }

    private func applyEvents(_ batch: ProjectionBatch, _ connection: Connection) throws {
        var changes = Changes()
        for record in batch.records {
            if record.key == StreamNames.commandAcceptedBatch {
                let root = try JSONDocument(parsing: record.body).root
                try connection.store(AcceptedBatch(root), root, body: record.body)
            } else {
                try store(record.body, connection, &changes)
            }
        }
        announce(changes, connection)
        connection.afterCommit { [events, next = batch.records.nextOffsets] in events.advance(to: next) }
    }

    private func store(
        _ lines: [UInt8], _ connection: Connection, _ changes: inout Changes
    ) throws {
        for line in JSONLines(lines) {
            let root = try JSONDocument(parsing: line).root
            let isPublished = try PublishedCommands.read(root) { job, command in
                try connection.store(command, of: job)
                changes.states.append((command.requestID, .published))
                durations.published(command, at: job.publishedAt, &changes.durations)
            }
            if isPublished {
                if let last = changes.states.last { try connection.dropBatch(of: last.id) }
                continue
            }
            let status = try CommandStatus(root)
            try connection.store(status)
            changes.states.append((status.requestID, status.state))
            guard status.state.isFinal else { continue }
            try connection.noteEnding(of: status.requestID, status.state)
            if case .job(_, let message) = status.history.first?.evidence {
                changes.ended[message] = status.requestID
            }
        }
    }

    /// Looks for what devices say among the commands.
    private func applyCommands(_ batch: ProjectionBatch, _ connection: Connection) throws {
        var changes = Changes()
        for record in batch.records {
            // The pusher's own records are commands; reading their bodies would only cost time.
            guard record.headers[CommandRecord.typeHeader] != CommandRecord.eventType,
                let feedback = CommandFeedback(record: record.body)
            else { continue }
            let evidence = CommandTransition.Evidence.feedback(
                topic: batch.source.name, partition: record.position.partition, offset: record.position.offset,
                word: feedback.word)
            let step = CommandTransition(
                feedback.state, at: Timestamp(microseconds: record.timestamp), evidence: evidence)
            try durations.answered(step, feedback.requestID, connection, &changes.durations)
            try connection.store(step, of: feedback.requestID, now: time.now)
            try connection.noteEnding(of: feedback.requestID, feedback.state)
            if feedback.state == .rejected {
                try connection.noteRejection(of: feedback.requestID, reason: feedback.reason, now: time.now)
                changes.hasRefusal = true
            }
            changes.states.append((feedback.requestID, feedback.state))
        }
        announce(changes, connection)
        connection.afterCommit { [self, next = batch.records.nextOffsets] in
            ends.withLock { $0.merge(next) { max($0, $1) } }
        }
    }

    private func announce(_ changes: Changes, _ connection: Connection) {
        guard !changes.states.isEmpty else { return }
        connection.afterCommit { [self] in
            if changes.hasRefusal { refusals.signal() }
            claims.projected(changes.states.lazy.map(\.id))
            waiters.changed(changes.states)
            durations.count(changes.durations)
            let lost = changes.states.count { $0.state == .failed || $0.state == .expired }
            if lost > 0 { failures.increment(by: Double(lost)) }
        }
    }

    /// What a batch says of commands, told once it is committed.
    private struct Changes: Sendable {
        var states: [(id: String, state: CommandState)] = []
        var durations = CommandDurations.Batch()
        var hasRefusal = false
        /// By job, one of the commands that ended before they were published.
        var ended: [String: String] = [:]
    }
}
