internal import CSQLite
internal import Glibc

/// What SQLite answered instead of doing what it was asked.
package struct SQLiteError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure.
    package enum Code: String, Sendable {
        /// Another connection holds the lock, or too many writes wait.
        case busy
        /// The disk or the quota is used up.
        case diskFull
        /// The file is damaged or not a database.
        case corrupt
        case constraint
        /// Reading or writing the file failed.
        case inputOutput
        /// The file cannot be opened.
        case cannotOpen
        /// The database was closed.
        case closed
        /// A newer program has written the file.
        case newerVersion
        /// The statement is wrong: a fault of the program.
        case misuse
    }

    package let code: Code
    /// SQLite's extended result code.
    package let sqliteCode: Int32
    /// SQLite's text; never holds bound values.
    package let message: String

    /// Whether the same call may succeed later.
    package var isRetriable: Bool { [.busy, .diskFull, .inputOutput].contains(code) }
    /// Whether the database file must be replaced or opened again.
    package var isFatal: Bool { [.corrupt, .closed, .cannotOpen, .newerVersion].contains(code) }

    package var description: String { "\(code.rawValue): \(message) (sqlite \(sqliteCode))" }

    init(_ code: Code, sqliteCode: Int32 = 0, message: String) {
        self.code = code
        self.sqliteCode = sqliteCode
        self.message = message
    }

    /// The error that a connection (nil: none was opened) has just reported with `result`.
    init(result: Int32, connection: OpaquePointer?) {
        let extended = connection.map { sqlite3_extended_errcode($0) } ?? result
        let systemError = connection.map { sqlite3_system_errno($0) } ?? 0
        code = Self.code(of: result & 0xff, systemError: systemError)
        sqliteCode = extended
        message = connection.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(result))
    }

    private static func code(of primary: Int32, systemError: Int32) -> Code {
        switch primary {
        case SQLITE_BUSY, SQLITE_LOCKED: .busy
        case SQLITE_FULL: .diskFull
        case SQLITE_IOERR: [ENOSPC, EDQUOT].contains(systemError) ? .diskFull : .inputOutput
        case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
        case SQLITE_CONSTRAINT: .constraint
        case SQLITE_CANTOPEN: [ENOSPC, EDQUOT].contains(systemError) ? .diskFull : .cannotOpen
        case SQLITE_PERM, SQLITE_READONLY, SQLITE_AUTH: .cannotOpen
        case SQLITE_NOMEM: .inputOutput
        default: .misuse
        }
    }
}
