internal import CSQLite

/// The current row of a query; valid only inside the closure that is given it.
package struct Row {
    let statement: OpaquePointer

    package func int(_ column: Int) -> Int64 { sqlite3_column_int64(statement, Int32(column)) }

    package func double(_ column: Int) -> Double { sqlite3_column_double(statement, Int32(column)) }

    package func bool(_ column: Int) -> Bool { int(column) != 0 }

    /// Empty for NULL.
    package func text(_ column: Int) -> String {
        guard let bytes = sqlite3_column_text(statement, Int32(column)) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, Int32(column)))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    /// Empty for NULL.
    package func blob(_ column: Int) -> [UInt8] {
        guard let bytes = sqlite3_column_blob(statement, Int32(column)) else { return [] }
        let count = Int(sqlite3_column_bytes(statement, Int32(column)))
        return [UInt8](UnsafeRawBufferPointer(start: bytes, count: count))
    }

    /// The size of a text or blob in bytes, without copying it.
    package func byteCount(_ column: Int) -> Int { Int(sqlite3_column_bytes(statement, Int32(column))) }

    package func isNull(_ column: Int) -> Bool { sqlite3_column_type(statement, Int32(column)) == SQLITE_NULL }

    package func intOrNil(_ column: Int) -> Int64? { isNull(column) ? nil : int(column) }

    package func doubleOrNil(_ column: Int) -> Double? { isNull(column) ? nil : double(column) }

    package func textOrNil(_ column: Int) -> String? { isNull(column) ? nil : text(column) }
}
