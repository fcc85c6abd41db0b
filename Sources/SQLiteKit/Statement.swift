internal import CSQLite

/// Owns one prepared statement; belongs to its connection's thread.
final class Statement {
    private let pointer: OpaquePointer
    private let connection: OpaquePointer

    init(_ sql: String, connection: OpaquePointer) throws(SQLiteError) {
        var statement: OpaquePointer?
        let result = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard result == SQLITE_OK, let statement else {
            throw SQLiteError(result: result, connection: connection)
        }
        pointer = statement
        self.connection = connection
    }

    deinit { sqlite3_finalize(pointer) }

    /// Runs the statement with the values; calls `row` for each row until it returns false.
    func run(_ bindings: [Binding], row: (Row) throws -> Bool) throws {
        defer {
            sqlite3_reset(pointer)
            sqlite3_clear_bindings(pointer)
        }
        guard Int(sqlite3_bind_parameter_count(pointer)) == bindings.count else {
            throw SQLiteError(.misuse, message: "the statement takes another number of values")
        }
        for (index, binding) in bindings.enumerated() { try bind(binding, at: Int32(index + 1)) }
        while true {
            switch sqlite3_step(pointer) {
            case SQLITE_ROW: if try !row(Row(statement: pointer)) { return }
            case SQLITE_DONE: return
            case let result: throw SQLiteError(result: result, connection: connection)
            }
        }
    }

    private func bind(_ binding: Binding, at index: Int32) throws(SQLiteError) {
        // SQLITE_TRANSIENT is a casting macro: SQLite copies the bytes before it returns.
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let result: Int32
        switch binding {
        case .null: result = sqlite3_bind_null(pointer, index)
        case .integer(let value): result = sqlite3_bind_int64(pointer, index, value)
        case .real(let value): result = sqlite3_bind_double(pointer, index, value)
        // A text without bytes must not be bound as a NULL pointer, which is SQL NULL.
        case .text(let value) where value.isEmpty: result = sqlite3_bind_text(pointer, index, "", 0, transient)
        case .text(var value):
            result = value.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    sqlite3_bind_text(pointer, index, characters.baseAddress, Int32(bytes.count), transient)
                }
            }
        case .blob(let value) where value.isEmpty: result = sqlite3_bind_zeroblob(pointer, index, 0)
        case .blob(let value):
            result = value.withUnsafeBytes { bytes in
                sqlite3_bind_blob64(pointer, index, bytes.baseAddress, UInt64(bytes.count), transient)
            }
        }
        guard result == SQLITE_OK else { throw SQLiteError(result: result, connection: connection) }
    }
}
