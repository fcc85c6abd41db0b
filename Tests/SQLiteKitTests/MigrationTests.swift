import Glibc
import Runtime
import Testing

@testable import SQLiteKit

@Suite struct MigrationTests {
    private static let first = Migration("one", "CREATE TABLE numbers (value INTEGER NOT NULL, filler BLOB)")
    private static let index = Migration("two", "CREATE INDEX numbers_by_filler ON numbers (filler, value)")

    @Test func refusesADatabaseOfANewerProgram() async throws {
        try await withFile { path in
            try await open(path, [Self.first, Self.index]).close()
            let before = try Self.contents(path)
            await #expect {
                try await open(path, [Self.first])
            } throws: {
                guard let error = $0 as? SQLiteError else { return false }
                return error.code == .newerVersion && error.message.contains("newer version: it holds 'two'")
                    && error.isFatal && !error.isRetriable
            }
            #expect(try Self.contents(path) == before)
        }
    }

    @Test func appliesWhatIsMissingAndKeepsTheRows() async throws {
        try await withFile { path in
            try Self.fill(path, rows: 10)
            let database = try await open(path, [Self.first, Self.index])
            #expect(try await database.read { try Self.count($0) } == 10)
            try await database.close()
            try await open(path, [Self.first, Self.index]).close()
        }
    }

    @Test func oneThatFailsHalfWayLeavesTheFileAsItWas() async throws {
        try await withFile { path in
            try Self.fill(path, rows: 10)
            let before = try Self.contents(path)
            // The last statement is a constraint that the rows do not meet.
            let broken = Migration(
                "three",
                """
                ALTER TABLE numbers ADD COLUMN more TEXT NOT NULL DEFAULT 'x';
                UPDATE numbers SET value = -value, more = 'y';
                CREATE TABLE others (value INTEGER PRIMARY KEY);
                INSERT INTO others SELECT value FROM numbers;
                CREATE UNIQUE INDEX one_more ON numbers (more)
                """)
            await #expect {
                try await open(path, [Self.first, Self.index, broken])
            } throws: {
                ($0 as? SQLiteError)?.code == .constraint
            }
            #expect(try Self.contents(path) == before)
        }
    }

    @Test func aFullDiskLeavesTheFileAsItWasAndPasses() async throws {
        try await withFile { path in
            try Self.fill(path, rows: 2000)
            let before = try Self.contents(path)
            let connection = try Connection(path: path, role: .writer(.full))
            let pages = try connection.first("PRAGMA page_count") { $0.int(0) } ?? 0
            // The index is as large as the table.
            try connection.execute("PRAGMA max_page_count = \(pages + 20)")
            #expect {
                try connection.migrate([Self.first, Self.index])
            } throws: {
                ($0 as? SQLiteError)?.code == .diskFull && ($0 as? SQLiteError)?.isRetriable == true
            }
            #expect(connection.isOutsideTransaction)
            connection.close()
            #expect(try Self.contents(path) == before)
            let database = try await open(path, [Self.first, Self.index])
            #expect(try await database.read { try Self.count($0) } == 2000)
            try await database.close()
        }
    }

    // MARK: - Parts

    private func withFile(_ body: (String) async throws -> Void) async throws {
        var template = Array("/tmp/flotilla-sqlite-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let path = folder + "/test.db"
        defer {
            for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
            rmdir(folder)
        }
        try await body(path)
    }

    @discardableResult
    private func open(_ path: String, _ migrations: [Migration]) async throws -> Database {
        try await Database.open(
            DatabaseConfiguration(path: path, durability: .normal, name: "test"), migrations: migrations,
            logger: .silent)
    }

    /// A file of the first version.
    private static func fill(_ path: String, rows: Int) throws {
        let connection = try Connection(path: path, role: .writer(.normal))
        defer { connection.close() }
        try connection.migrate([first])
        try connection.execute("BEGIN")
        for value in 1...rows {
            try connection.run(
                "INSERT INTO numbers (value, filler) VALUES (?, ?)", .integer(Int64(value)),
                .blob([UInt8](repeating: 1, count: 200)))
        }
        try connection.execute("COMMIT")
    }

    private static func count(_ connection: Connection) throws -> Int {
        try connection.first("SELECT count(*) FROM numbers") { Int($0.int(0)) } ?? 0
    }

    /// The schema, the migrations and the rows as text.
    private static func contents(_ path: String) throws -> [String] {
        let connection = try Connection(path: path, role: .reader)
        defer { connection.close() }
        return try connection.query("SELECT name || ' ' || sql FROM sqlite_schema WHERE sql NOT NULL ORDER BY 1") {
            $0.text(0)
        } + connection.query("SELECT name FROM migrations ORDER BY 1") { $0.text(0) }
            + connection.query("SELECT value, hex(filler) FROM numbers ORDER BY value") {
                "\($0.int(0)) \($0.text(1))"
            }
    }
}
