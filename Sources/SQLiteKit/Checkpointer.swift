internal import Runtime
internal import Synchronization

/// Moves the write-ahead log into the database on a thread of its own, so that no commit waits for it.
final class Checkpointer: Sendable {
    private let connection: ThreadConfined<Connection>
    private let thread: BlockingThread
    private let logger: Logger
    private let isRequested = Atomic<Bool>(false)

    init(connection: ThreadConfined<Connection>, thread: BlockingThread, logger: Logger) {
        self.connection = connection
        self.thread = thread
        self.logger = logger
    }

    /// Asks for a passive checkpoint; one at a time.
    func request() {
        guard !isRequested.exchange(true, ordering: .acquiringAndReleasing) else { return }
        thread.submit {
            self.isRequested.store(false, ordering: .releasing)
            do {
                _ = try self.connection.value.checkpoint(.passive)
            } catch {
                self.logger.warning("checkpoint_failed", ["error": "\(error)"])
            }
        }
    }

    /// Runs other long work that must not hold up a reader.
    func run<T: Sendable>(_ body: @escaping @Sendable (Connection) throws -> T) async throws -> T {
        try await thread.run { try body(self.connection.value) }
    }

    func close() async throws { try await thread.run { self.connection.value.close() } }
}
