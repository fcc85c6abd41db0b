internal import Synchronization

/// One write that waits for the writer: what to do inside the transaction and whom to tell afterwards.
struct WaitingWrite: Sendable {
    let perform: @Sendable (Connection) throws -> Void
    /// Called once, on the writer's thread, after the commit or the failure.
    let finish: @Sendable (Result<Void, any Error>) -> Void
}

/// The writes that wait, and whether the writer already runs.
struct WriteQueue: Sendable {
    private var waiting: [WaitingWrite] = []
    private var isDraining = false
    private var isClosed = false
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    enum Admission {
        /// The writer must be started.
        case start
        case waits
        case refused(SQLiteError)
    }

    mutating func add(_ write: WaitingWrite) -> Admission {
        if isClosed { return .refused(SQLiteError(.closed, message: "the database is closed")) }
        guard waiting.count < limit else {
            return .refused(SQLiteError(.busy, message: "too many writes wait"))
        }
        waiting.append(write)
        guard !isDraining else { return .waits }
        isDraining = true
        return .start
    }

    /// The writes of the next commit; nil when there is none, and the writer is then at rest.
    mutating func takeGroup(of size: Int) -> [WaitingWrite]? {
        if waiting.isEmpty {
            isDraining = false
            return nil
        }
        if waiting.count <= size {
            defer { waiting = [] }
            return waiting
        }
        defer { waiting.removeFirst(size) }
        return Array(waiting.prefix(size))
    }

    mutating func close() { isClosed = true }
}
