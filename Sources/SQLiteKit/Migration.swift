/// One change of a database's schema, applied once, in order. What a released program has applied is never changed:
/// a further change is a further migration.
package struct Migration: Sendable {
    package let name: String
    package let sql: String

    package init(_ name: String, _ sql: String) {
        self.name = name
        self.sql = sql
    }
}

extension Connection {
    /// Applies the migrations that are not applied yet, all of them in one transaction or none.
    /// - Throws: `.newerVersion` when the database holds a migration that the list does not.
    func migrate(_ migrations: [Migration]) throws {
        try execute("BEGIN IMMEDIATE")
        do {
            try execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY) WITHOUT ROWID")
            let applied = Set(try query("SELECT name FROM migrations") { $0.text(0) })
            let known = Set(migrations.map(\.name))
            if let unknown = applied.subtracting(known).sorted().first {
                throw SQLiteError(
                    .newerVersion, message: "the database was written by a newer version: it holds '\(unknown)'")
            }
            for migration in migrations where !applied.contains(migration.name) {
                try execute(migration.sql)
                try run("INSERT INTO migrations (name) VALUES (?)", .text(migration.name))
            }
            try execute("COMMIT")
        } catch {
            if !isOutsideTransaction { try execute("ROLLBACK") }
            throw error
        }
    }
}
