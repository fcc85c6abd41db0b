/// One change of a database's schema, applied once, in order, in a transaction of its own.
package struct Migration: Sendable {
    package let name: String
    package let sql: String

    package init(_ name: String, _ sql: String) {
        self.name = name
        self.sql = sql
    }
}

extension Connection {
    /// Applies the migrations that are not applied yet.
    /// - Throws: `.misuse` when the database holds a migration that the list does not: it is from a newer program.
    func migrate(_ migrations: [Migration]) throws {
        try execute("BEGIN IMMEDIATE")
        do {
            try execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY) WITHOUT ROWID")
            let applied = Set(try query("SELECT name FROM migrations") { $0.text(0) })
            let known = Set(migrations.map(\.name))
            if let unknown = applied.subtracting(known).sorted().first {
                throw SQLiteError(.misuse, message: "the database was written by a newer version (\(unknown))")
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
