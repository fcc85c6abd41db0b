package import Runtime
internal import Synchronization

/// A SQLite file with one writer that commits in groups and readers that it never blocks.
///
/// Every connection has a thread of its own; no call blocks the caller's thread.
package final class Database: Sendable {
    private let writer: GroupCommitWriter
    private let readers: [Reader]
    private let checkpointer: Checkpointer
    private let threads: [BlockingThread]
    private let nextReader = Atomic<Int>(0)
    private let isClosed = Atomic<Bool>(false)

    private init(
        writer: GroupCommitWriter, readers: [Reader], checkpointer: Checkpointer, threads: [BlockingThread]
    ) {
        self.writer = writer
        self.readers = readers
        self.checkpointer = checkpointer
        self.threads = threads
    }

    /// Opens or makes the file, checks its integrity, and applies the migrations.
    /// - Throws: `SQLiteError`: `.corrupt` when the file is damaged, `.cannotOpen`, `.diskFull`, `.newerVersion`
    ///   when a newer program wrote it. The file is as it was then.
    package static func open(
        _ configuration: DatabaseConfiguration, migrations: [Migration], logger: Logger
    ) async throws -> Database {
        let writerThread = BlockingThread(name: "\(configuration.name)-write")
        let readerThreads = (0..<configuration.readers).map {
            BlockingThread(name: "\(configuration.name)-read-\($0)")
        }
        let checkpointThread = BlockingThread(name: "\(configuration.name)-wal")
        let threads = [writerThread, checkpointThread] + readerThreads
        do {
            let writerConnection = try await writerThread.run {
                let connection = try Connection(path: configuration.path, role: .writer(configuration.durability))
                try connection.checkIntegrity()
                try connection.migrate(migrations)
                try connection.setCache(bytes: configuration.writerCacheBytes)
                return ThreadConfined(value: connection)
            }
            let checkpointer = Checkpointer(
                connection: try await Self.connect(configuration.path, on: checkpointThread),
                thread: checkpointThread, logger: logger)
            var readers: [Reader] = []
            for thread in readerThreads {
                readers.append(
                    Reader(connection: try await Self.connect(configuration.path, on: thread), thread: thread))
            }
            let writer = GroupCommitWriter(
                connection: writerConnection, thread: writerThread, configuration: configuration,
                requestCheckpoint: { checkpointer.request() })
            return Database(writer: writer, readers: readers, checkpointer: checkpointer, threads: threads)
        } catch {
            for thread in threads { thread.stop() }
            throw error
        }
    }

    private static func connect(_ path: String, on thread: BlockingThread) async throws -> ThreadConfined<Connection> {
        try await thread.run { ThreadConfined(value: try Connection(path: path, role: .reader)) }
    }

    /// Performs a write; returns once the commit that holds it is done.
    ///
    /// Writes are performed in the order of the calls. The body may run again never: if it throws, its changes are
    /// rolled back, and the others of its group are not.
    /// - Throws: What the body throws, or `SQLiteError` when the commit fails: then nothing of the group is written.
    package func write<T: Sendable>(_ body: @escaping @Sendable (Connection) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            submit(body) { continuation.resume(with: $0) }
        }
    }

    /// Performs a write and tells `completion`, on the writer's thread, when it is committed or failed.
    package func submit<T: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> T,
        completion: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        let outcome = Outcome<T>()
        writer.submit(
            WaitingWrite(
                perform: { outcome.store(try body($0)) },
                finish: { result in
                    switch (result, outcome.take()) {
                    case (.success, .some(let value)): completion(.success(value))
                    case (.failure(let error), _): completion(.failure(error))
                    case (.success, .none):
                        completion(.failure(SQLiteError(.misuse, message: "a write succeeded without a value")))
                    }
                }))
    }

    /// Reads from one consistent snapshot, beside the writer.
    package func read<T: Sendable>(_ body: @escaping @Sendable (Connection) throws -> T) async throws -> T {
        guard !isClosed.load(ordering: .acquiring) else {
            throw SQLiteError(.closed, message: "the database is closed")
        }
        let index = nextReader.wrappingAdd(1, ordering: .relaxed).newValue & Int.max
        return try await readers[index % readers.count].read(body)
    }

    /// Reads on the first reader's connection and tells `completion` on its thread.
    package func submitRead<T: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> T,
        completion: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        let reader = readers[0]
        let isAccepted = reader.thread.submit { completion(Result { try reader.perform(body) }) }
        if !isAccepted { completion(.failure(SQLiteError(.closed, message: "the database is closed"))) }
    }

    /// Copies the database to a new file; writers and readers go on.
    package func backup(to path: String) async throws {
        try await checkpointer.run { try $0.backup(to: path) }
    }

    /// Waits for the writes that are in, and closes every connection. Idempotent.
    package func close() async throws {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        defer { for thread in threads { thread.stop() } }
        try await checkpointer.close()
        for reader in readers { try await reader.close() }
        try await writer.close()
    }
}

/// The value of a write between its body and its commit.
private final class Outcome<T: Sendable>: Sendable {
    private let value = Mutex<T?>(nil)

    func store(_ new: T) { value.withLock { $0 = new } }

    func take() -> T? { value.withLock { $0 } }
}
