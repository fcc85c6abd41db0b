internal import Runtime
internal import Synchronization

/// Owns the writing connection on its thread: everything that waits shares one transaction and one fsync.
final class GroupCommitWriter: Sendable {
    /// A commit of more writes than this would make the first of them wait longer than an fsync saves.
    private static let groupSize = 1024

    private let thread: BlockingThread
    private let connection: ThreadConfined<Connection>
    private let log: ThreadConfined<WriteAheadLog.Observer>
    private let queue: Mutex<WriteQueue>
    private let metrics: WriterMetrics?
    /// Asks for a passive checkpoint beside the writer.
    private let requestCheckpoint: @Sendable () -> Void

    init(
        connection: ThreadConfined<Connection>, thread: BlockingThread, configuration: DatabaseConfiguration,
        requestCheckpoint: @escaping @Sendable () -> Void
    ) {
        self.connection = connection
        self.thread = thread
        log = ThreadConfined(value: WriteAheadLog.Observer())
        queue = Mutex(WriteQueue(limit: configuration.maximumWaitingWrites))
        metrics = configuration.metrics.map { WriterMetrics($0, database: configuration.name) }
        self.requestCheckpoint = requestCheckpoint
        connection.value.observeWriteAheadLog(log.value)
    }

    /// Adds a write; `finish` is called once, after its commit or failure.
    func submit(_ write: WaitingWrite) {
        switch queue.withLock({ $0.add(write) }) {
        case .start: thread.submit { self.drain() }
        case .waits: break
        case .refused(let error): write.finish(.failure(error))
        }
    }

    /// Refuses new writes, waits for those that are in, and truncates the write-ahead log.
    func close() async throws {
        queue.withLock { $0.close() }
        try await thread.run {
            self.drain()
            defer { self.connection.value.close() }
            _ = try self.connection.value.checkpoint(.truncate)
        }
    }

    private func drain() {
        while let group = queue.withLock({ $0.takeGroup(of: Self.groupSize) }) { commit(group) }
    }

    private func commit(_ group: [WaitingWrite]) {
        let connection = connection.value
        var results: [Result<Void, any Error>] = []
        do {
            try connection.execute("BEGIN IMMEDIATE")
            results.reserveCapacity(group.count)
            for write in group { results.append(try perform(write, on: connection)) }
            try connection.execute("COMMIT")
        } catch {
            if !connection.isOutsideTransaction { try? connection.execute("ROLLBACK") }
            connection.discardActions(after: 0)
            for write in group { write.finish(.failure(error)) }
            return
        }
        for action in connection.takeActions() { action() }
        metrics?.committed(group.count)
        for (write, result) in zip(group, results) { write.finish(result) }
        relieveLog()
    }

    /// Performs one write in a savepoint, so that its failure leaves the others of the group standing.
    /// - Throws: When the failure took the whole transaction with it.
    private func perform(_ write: WaitingWrite, on connection: Connection) throws -> Result<Void, any Error> {
        let mark = connection.actionMark
        try connection.run("SAVEPOINT one_write")
        do {
            try write.perform(connection)
            try connection.run("RELEASE one_write")
            return .success(())
        } catch {
            if connection.isOutsideTransaction { throw error }
            try connection.run("ROLLBACK TO one_write")
            try connection.run("RELEASE one_write")
            connection.discardActions(after: mark)
            return .failure(error)
        }
    }

    private func relieveLog() {
        if log.value.pages >= log.value.restartAt {
            // A failed checkpoint loses nothing: the log stays, and is tried again when it has grown as much again.
            let progress = try? connection.value.checkpoint(.restart)
            let isDone = progress.map { $0.checkpointedPages == $0.pages } ?? false
            log.value.restartAt = WriteAheadLog.restartPages + (isDone ? 0 : log.value.pages)
        } else if log.value.pages >= WriteAheadLog.passivePages {
            requestCheckpoint()
        }
    }
}

/// The figures of one writer.
struct WriterMetrics: Sendable {
    private let commits: Counter.Handle
    private let writes: Counter.Handle

    init(_ registry: MetricsRegistry, database: String) {
        commits = registry.counter(
            "sqlite_commits_total", help: "Transactions committed; with full durability each is one fsync.",
            labels: ["database"]
        ).labelled([database])
        writes = registry.counter(
            "sqlite_writes_total", help: "Writes that were committed, many in one transaction.", labels: ["database"]
        ).labelled([database])
    }

    func committed(_ count: Int) {
        commits.increment()
        writes.increment(by: Double(count))
    }
}
