import Glibc
import Runtime
import Synchronization
import Testing

@testable import SQLiteKit

@Suite struct DatabaseTests {
    @Test func manyWaitingWritesShareFewCommits() async throws {
        try await withDatabase { database, metrics in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<2000 {
                    group.addTask { try await database.write { try $0.insert(index) } }
                }
                try await group.waitForAll()
            }
            #expect(try await database.read { try $0.count() } == 2000)
            let commits = metrics.figure("sqlite_commits_total")
            #expect(metrics.figure("sqlite_writes_total") == 2000)
            #expect(commits < 1000, "2000 waiting writes took \(commits) commits")
        }
    }

    @Test func aFailingWriteLeavesItsNeighboursStanding() async throws {
        struct Refusal: Error {}
        try await withDatabase { database, _ in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<100 {
                    group.addTask {
                        do {
                            try await database.write { connection in
                                try connection.insert(index)
                                if index % 10 == 0 { throw Refusal() }
                            }
                            return true
                        } catch is Refusal { return false }
                    }
                }
                let successes = try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                #expect(successes == 90)
            }
            #expect(try await database.read { try $0.count() } == 90)
        }
    }

    @Test func writesArePerformedInTheOrderOfTheCalls() async throws {
        try await withDatabase { database, _ in
            let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
            for index in 0..<500 {
                database.submit { _ in
                    index
                } completion: { result in
                    if case .success(let value) = result { continuation.yield(value) }
                }
            }
            try await database.write { _ in }
            continuation.finish()
            var order: [Int] = []
            for await value in stream { order.append(value) }
            #expect(order == Array(0..<500))
        }
    }

    @Test func readersAreNotBlockedByALongWrite() async throws {
        try await withDatabase { database, _ in
            let (gate, opener) = AsyncStream.makeStream(of: Void.self)
            let (begun, beginner) = AsyncStream.makeStream(of: Void.self)
            let release = Mutex(false)
            async let write: Void = database.write { connection in
                try connection.insert(1)
                beginner.finish()
                while !release.withLock({ $0 }) { sched_yield() }
            }
            for await _ in begun {}
            #expect(try await database.read { try $0.count() } == 0)
            release.withLock { $0 = true }
            opener.finish()
            for await _ in gate {}
            try await write
            #expect(try await database.read { try $0.count() } == 1)
        }
    }

    @Test func actionsAfterTheCommitRunOnlyForWhatWasCommitted() async throws {
        struct Refusal: Error {}
        try await withDatabase { database, _ in
            let ran = Mutex<[Int]>([])
            for index in 0..<4 {
                _ = try? await database.write { connection in
                    connection.afterCommit { ran.withLock { $0.append(index) } }
                    if index % 2 == 1 { throw Refusal() }
                }
            }
            #expect(ran.withLock { $0 } == [0, 2])
        }
    }

    @Test func aFullDiskIsAnErrorOfItsOwnAndPasses() async throws {
        try await withDatabase { database, _ in
            try await database.write { try $0.execute("PRAGMA max_page_count = 40") }
            await #expect { try await database.write { try $0.fill(rows: 1000) } } throws: {
                ($0 as? SQLiteError)?.code == .diskFull && ($0 as? SQLiteError)?.isRetriable == true
            }
            try await database.write { try $0.execute("PRAGMA max_page_count = 100000") }
            try await database.write { try $0.fill(rows: 1000) }
            #expect(try await database.read { try $0.count() } == 1000)
        }
    }

    @Test func aLockHeldByAnotherIsBusyOrWaitedFor() async throws {
        try await withDatabase { database, _ in
            let other = try Connection(path: Self.path(of: database), role: .writer(.normal))
            try other.execute("BEGIN IMMEDIATE")
            async let waiting: Void = database.write { try $0.insert(1) }
            try other.execute("COMMIT")
            other.close()
            try await waiting
            #expect(try await database.read { try $0.count() } == 1)
        }
    }

    @Test func backsUpWhileItIsWritten() async throws {
        try await withDatabase { database, _ in
            try await database.write { try $0.fill(rows: 500) }
            let target = Self.path(of: database) + ".backup"
            async let writes: Void = {
                for index in 0..<50 { try await database.write { try $0.insert(index) } }
            }()
            try await database.backup(to: target)
            try await writes
            let copy = try await Database.open(
                DatabaseConfiguration(path: target, durability: .normal, name: "copy"), migrations: Self.migrations,
                logger: .silent)
            #expect(try await copy.read { try $0.count() } >= 500)
            try await copy.close()
        }
    }

    @Test func refusesADamagedFile() async throws {
        let path = try temporaryPath()
        let database = try await open(path, Self.migrations)
        try await database.write { try $0.fill(rows: 2000) }
        try await database.close()
        let descriptor = Glibc.open(path, O_WRONLY)
        let garbage = [UInt8](repeating: 0xa5, count: 3000)
        for page in 3..<12 { pwrite(descriptor, garbage, garbage.count, off_t(page * 4096 + 10)) }
        Glibc.close(descriptor)
        await #expect { try await self.open(path, Self.migrations) } throws: {
            ($0 as? SQLiteError)?.code == .corrupt
        }
    }

    @Test func refusesCallsAfterItsClose() async throws {
        let database = try await open(try temporaryPath(), Self.migrations)
        try await database.close()
        await #expect { try await database.write { try $0.insert(1) } } throws: {
            ($0 as? SQLiteError)?.code == .closed
        }
        await #expect { try await database.read { try $0.count() } } throws: { ($0 as? SQLiteError)?.code == .closed }
    }

    @Test func keepsEveryKindOfValue() async throws {
        try await withDatabase { database, _ in
            try await database.write { connection in
                try connection.execute("CREATE TABLE kinds (i INTEGER, r REAL, t TEXT, b BLOB, n)")
                try connection.run(
                    "INSERT INTO kinds VALUES (?, ?, ?, ?, ?)", .integer(.min), 1.5, .text("ä\u{0}b"), .blob([0, 255]),
                    .null)
                try connection.run("INSERT INTO kinds VALUES (?, ?, ?, ?, ?)", 0, 0.0, .text(""), .blob([]), nil)
            }
            let rows = try await database.read { connection in
                try connection.query("SELECT i, r, t, b, n, typeof(t), typeof(b) FROM kinds") { row in
                    [
                        "\(row.int(0))", "\(row.double(1))", row.text(2), "\(row.blob(3))", "\(row.isNull(4))",
                        row.text(5), row.text(6),
                    ]
                }
            }
            #expect(rows[0] == ["\(Int64.min)", "1.5", "ä\u{0}b", "[0, 255]", "true", "text", "blob"])
            #expect(rows[1] == ["0", "0.0", "", "[]", "true", "text", "blob"])
        }
    }

    // MARK: - Parts

    static let migrations = [Migration("one", "CREATE TABLE numbers (value INTEGER NOT NULL, filler BLOB)")]
    private static let paths = Mutex<[ObjectIdentifier: String]>([:])

    private static func path(of database: Database) -> String {
        paths.withLock { $0[ObjectIdentifier(database)] ?? "" }
    }

    private func temporaryPath() throws -> String {
        var template = Array("/tmp/flotilla-sqlite-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) + "/test.db"
    }

    @discardableResult
    private func open(
        _ path: String, _ migrations: [Migration], metrics: MetricsRegistry? = nil
    ) async throws -> Database {
        try await Database.open(
            DatabaseConfiguration(path: path, durability: .normal, name: "test", metrics: metrics),
            migrations: migrations, logger: .silent)
    }

    private func withDatabase(_ body: (Database, MetricsRegistry) async throws -> Void) async throws {
        let (path, metrics) = (try temporaryPath(), MetricsRegistry())
        let database = try await open(path, Self.migrations, metrics: metrics)
        Self.paths.withLock { $0[ObjectIdentifier(database)] = path }
        defer {
            for suffix in ["", "-wal", "-shm", ".backup", ".backup-wal", ".backup-shm"] { unlink(path + suffix) }
            rmdir(String(path.dropLast("/test.db".count)))
        }
        do { try await body(database, metrics) } catch {
            try await database.close()
            throw error
        }
        try await database.close()
    }
}

extension Connection {
    fileprivate func insert(_ value: Int) throws {
        try run("INSERT INTO numbers (value) VALUES (?)", .integer(Int64(value)))
    }

    fileprivate func fill(rows: Int) throws {
        for index in 0..<rows {
            try run(
                "INSERT INTO numbers (value, filler) VALUES (?, ?)", .integer(Int64(index)),
                .blob([UInt8](repeating: 1, count: 400)))
        }
    }

    fileprivate func count() throws -> Int { try first("SELECT count(*) FROM numbers") { Int($0.int(0)) } ?? 0 }
}

extension MetricsRegistry {
    /// The value of a series with the label of these tests.
    fileprivate func figure(_ name: String) -> Int {
        let line = render().split(separator: "\n").first { $0.hasPrefix("\(name){") }
        return Int(Double(line?.split(separator: " ").last ?? "") ?? -1)
    }
}
