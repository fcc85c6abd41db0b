internal import CSQLite
internal import Glibc

/// One SQLite connection with its statement cache; belongs to one thread.
package final class Connection {
    /// What the connection is for.
    enum Role: Sendable {
        case writer(Durability)
        case reader
    }

    private let pointer: OpaquePointer
    private var statements: [String: Statement] = [:]
    private var afterCommitActions: [() -> Void] = []
    private var isClosed = false

    init(path: String, role: Role) throws {
        var connection: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let result = sqlite3_open_v2(path, &connection, flags, nil)
        guard result == SQLITE_OK, let connection else {
            let error = SQLiteError(result: result, connection: connection)
            sqlite3_close_v2(connection)
            throw error
        }
        pointer = connection
        sqlite3_extended_result_codes(connection, 1)
        Self.installBusyHandler(on: connection)
        try configure(role)
    }

    deinit { close() }

    private func configure(_ role: Role) throws {
        // The caches bound the memory of a connection.
        switch role {
        case .writer(let durability):
            try execute("PRAGMA journal_mode = WAL")
            try execute("PRAGMA synchronous = \(durability == .full ? "FULL" : "NORMAL")")
            try execute("PRAGMA wal_autocheckpoint = 0")
            try execute("PRAGMA journal_size_limit = \(WriteAheadLog.restartPages * WriteAheadLog.pageBytes)")
            try execute("PRAGMA foreign_keys = ON")
            try setCache(bytes: 4 << 20)
        case .reader:
            try execute("PRAGMA query_only = ON")
            try setCache(bytes: 1 << 20)
        }
        try execute("PRAGMA temp_store = MEMORY")
    }

    /// Bounds the memory for pages; it is taken as they come.
    func setCache(bytes: Int) throws {
        // A negative number is of KiB.
        try execute("PRAGMA cache_size = -\(bytes >> 10)")
    }

    /// Other processes that share the file hold the write lock for one group commit: a short random wait takes turns
    /// where SQLite's own growing delays had a tail of 0.7 s. The first 40,000 waits are about 10 s.
    private static func installBusyHandler(on connection: OpaquePointer) {
        sqlite3_busy_handler(
            connection,
            { _, attempts in
                guard attempts < 40_000 else { return 0 }
                usleep(UInt32.random(in: 100...500))
                return 1
            }, nil)
    }

    /// Closes the connection; no other call may follow. Idempotent.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        statements.removeAll()
        sqlite3_close_v2(pointer)
    }

    /// Runs SQL without parameters or rows, several statements if need be.
    package func execute(_ sql: String) throws {
        try checkOpen()
        let result = sqlite3_exec(pointer, sql, nil, nil, nil)
        guard result == SQLITE_OK else { throw SQLiteError(result: result, connection: pointer) }
    }

    /// Runs a statement and returns how many rows it changed.
    @discardableResult
    package func run(_ sql: String, _ bindings: Binding...) throws -> Int {
        try statement(sql).run(bindings) { _ in true }
        return Int(sqlite3_changes(pointer))
    }

    /// Runs a query and maps its rows.
    package func query<T>(_ sql: String, _ bindings: Binding..., row: (Row) throws -> T) throws -> [T] {
        var rows: [T] = []
        try statement(sql).run(bindings) {
            rows.append(try row($0))
            return true
        }
        return rows
    }

    /// Runs a query and gives its rows one by one until `row` returns false.
    package func forEach(_ sql: String, _ bindings: Binding..., row: (Row) throws -> Bool) throws {
        try statement(sql).run(bindings, row: row)
    }

    /// Runs a query and maps its first row; nil when there is none.
    package func first<T>(_ sql: String, _ bindings: Binding..., row: (Row) throws -> T) throws -> T? {
        var result: T?
        try statement(sql).run(bindings) {
            result = try row($0)
            return false
        }
        return result
    }

    /// The rowid of the last inserted row.
    package var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(pointer) }

    /// Runs an action on the writer's thread after the commit that holds this write; not run if it is rolled back.
    package func afterCommit(_ action: @escaping () -> Void) { afterCommitActions.append(action) }

    /// Whether SQLite has rolled the transaction back by itself, as it does when the disk is full.
    var isOutsideTransaction: Bool { sqlite3_get_autocommit(pointer) != 0 }

    /// How many actions wait; the mark to which `discardActions` goes back.
    var actionMark: Int { afterCommitActions.count }

    func discardActions(after mark: Int) { afterCommitActions.removeSubrange(mark...) }

    func takeActions() -> [() -> Void] {
        defer { afterCommitActions.removeAll(keepingCapacity: true) }
        return afterCommitActions
    }

    private func checkOpen() throws(SQLiteError) {
        guard !isClosed else { throw SQLiteError(.closed, message: "the database is closed") }
    }

    private func statement(_ sql: String) throws(SQLiteError) -> Statement {
        try checkOpen()
        if let statement = statements[sql] { return statement }
        let statement = try Statement(sql, connection: pointer)
        if statements.count >= 256 { statements.removeAll() }
        statements[sql] = statement
        return statement
    }

    /// Moves pages of the write-ahead log into the database as far as it can.
    ///
    /// It waits for no reader: one that holds an old snapshot must not hold up every commit.
    func checkpoint(_ mode: WriteAheadLog.Checkpoint) throws -> WriteAheadLog.Progress {
        try checkOpen()
        sqlite3_busy_handler(pointer, nil, nil)
        defer { Self.installBusyHandler(on: pointer) }
        var total: Int32 = 0
        var done: Int32 = 0
        let result = sqlite3_wal_checkpoint_v2(pointer, nil, mode.sqliteMode, &total, &done)
        guard result == SQLITE_OK || result == SQLITE_BUSY else {
            throw SQLiteError(result: result, connection: pointer)
        }
        return WriteAheadLog.Progress(pages: Int(total), checkpointedPages: Int(done))
    }

    /// Calls `notify` on this thread after each commit with the pages in the write-ahead log.
    func observeWriteAheadLog(_ observer: WriteAheadLog.Observer) {
        sqlite3_wal_hook(
            pointer,
            { context, _, _, pages in
                guard let context else { return SQLITE_OK }
                Unmanaged<WriteAheadLog.Observer>.fromOpaque(context).takeUnretainedValue().pages = Int(pages)
                return SQLITE_OK
            }, Unmanaged.passUnretained(observer).toOpaque())
    }

    /// Copies the database to a new file while others read and write it.
    func backup(to path: String) throws {
        try checkOpen()
        var target: OpaquePointer?
        let result = sqlite3_open_v2(path, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil)
        defer { sqlite3_close_v2(target) }
        guard result == SQLITE_OK, let target else { throw SQLiteError(result: result, connection: target) }
        guard let backup = sqlite3_backup_init(target, "main", pointer, "main") else {
            throw SQLiteError(result: sqlite3_errcode(target), connection: target)
        }
        // All pages in one step: the reader's snapshot makes it consistent and WAL lets the writer go on.
        let step = sqlite3_backup_step(backup, -1)
        let finish = sqlite3_backup_finish(backup)
        guard step == SQLITE_DONE, finish == SQLITE_OK else {
            throw SQLiteError(result: step == SQLITE_DONE ? finish : step, connection: target)
        }
    }
}
