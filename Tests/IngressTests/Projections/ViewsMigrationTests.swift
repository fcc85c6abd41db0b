import BusClients
import BusTestKit
import Contracts
import Glibc
import Runtime
import SQLiteKit
import Testing

@testable import Ingress

/// What a views.db that another version has written becomes.
@Suite struct ViewsMigrationTests {
    /// Whether this process may mount: root with the right to, as CI is.
    private static let canMount: Bool = {
        guard let folder = try? TemporaryFolder(), mount("tmpfs", folder.path, "tmpfs", 0, "size=1m") == 0 else {
            return false
        }
        umount(folder.path)
        return true
    }()

    private let folder: TemporaryFolder
    private let memory = LogMemory()
    private let time = ManualTime()
    private var path: String { "\(folder.path)/views.db" }
    private var projections: [any Projection] {
        [HostProjection(interval: .seconds(1), time: time), OptimizationProjection(time: time)]
    }

    init() throws { folder = try TemporaryFolder() }

    private func open() async throws -> Database {
        try await ViewsStore.open(
            path: path, projections: projections, metrics: MetricsRegistry(),
            logger: Logger(component: "test", sink: LogSink(memory: memory)))
    }

    /// Makes a file as the previous version did, its statements copied, with some sessions and a host.
    private func makePreviousVersion(sessions: Int = 5) async throws {
        let database = try await Database.open(
            DatabaseConfiguration(path: path, durability: .normal, name: "previous"),
            migrations: PreviousSchema.migrations, logger: .silent)
        let now = time.now.microseconds
        try await database.write { connection in
            for number in 0..<sessions {
                try connection.run(
                    """
                    INSERT INTO optimizations VALUES (?, ?, ?, ?, 'alpha', 'disk', 1, ?, ?, NULL, NULL)
                    """, .text("s\(number)"), .integer(number % 5 == 0 ? 1 : 2),
                    .text(number % 5 == 0 ? "running" : "completed"), .text(number % 2 == 0 ? "7" : "8"),
                    // The first one was asked for before 1970.
                    .integer(number == 0 ? -1 : now - Int64(number) * 60_000_000), .integer(now))
            }
            let second = now / 1_000_000
            for age: Int64 in [30, 20, 10] {
                try connection.run(
                    "INSERT INTO host_seconds VALUES ('alpha', ?, ?, ?, 1, 4, 25, 0, 0, 0, 0)", .integer(second - age),
                    .integer((second - age) * 1_000_000), .real(Double(age)))
            }
            for minute: Int64 in [2, 8 * 1440] {
                try connection.run(
                    "INSERT INTO host_minutes VALUES ('alpha', ?, ?, 60, 3000, 60, 240, 1500, 0, 0, 0, 0)",
                    .integer(second / 60 - minute), .integer((second - minute * 60) * 1_000_000))
            }
            try connection.run("INSERT INTO projection_offsets VALUES ('optimizations', 'optimization_events', 0, 42)")
            try connection.run("INSERT INTO projection_offsets VALUES ('hosts', 'host_metrics', 3, 99)")
        }
        try await database.close()
    }

    @Test func theFileOfThePreviousVersionKeepsItsRowsAndOffsets() async throws {
        try await makePreviousVersion()
        for _ in 0..<2 {
            let database = try await open()
            let now = time.now
            try await database.read { connection in
                #expect(try connection.projectionOffsets("optimizations", "optimization_events") == [0: 42])
                #expect(try connection.projectionOffsets("hosts", "host_metrics") == [3: 99])
                let all = try connection.optimizations(OptimizationQuery())
                #expect(all.sessions.map(\.id) == ["s1", "s2", "s3", "s4", "s0"])
                #expect(all.total == 5)
                let own = try connection.optimizations(OptimizationQuery(owner: "7", status: "completed", limit: 1))
                #expect(own.sessions.map(\.id) == ["s2"])
                #expect(own.total == 2)
                #expect(try connection.runningOptimizations() == 1)
                let seconds = try connection.hostHistory("alpha", since: now.advanced(by: .seconds(-60)), until: now)
                #expect(seconds.map(\.cpuPercent) == [10, 20, 30])
                let all9days = try connection.hostHistory(
                    "alpha", since: now.advanced(by: .seconds(-9 * 86_400)), until: now)
                #expect(all9days.map(\.cpuPercent) == [50, 50])
            }
            try await database.close()
        }
        #expect(!memory.lines.contains { $0.contains("views_rebuilt") })
    }

    @Test func theFileOfANewerVersionIsMovedAside() async throws {
        let newer = try await open()
        try await newer.write { connection in
            try connection.run("INSERT INTO migrations (name) VALUES ('optimizations-99')")
            try connection.storeProjectionOffset("hosts", "host_metrics", partition: 0, next: 7)
        }
        try await newer.close()
        let database = try await open()
        #expect(try await database.read { try $0.projectionOffsets("hosts", "host_metrics") }.isEmpty)
        try await database.close()
        let line = memory.lines.first { $0.contains("views_rebuilt") }
        #expect(line?.contains("newer version") == true)
        #expect(line?.contains("optimizations-99") == true)
        let aside = try await Database.open(
            DatabaseConfiguration(path: path + ".newer", durability: .normal, name: "aside"),
            migrations: [ProjectionOffsets.migration] + projections.flatMap(\.migrations)
                + [Migration("optimizations-99", "SELECT 1")], logger: .silent)
        #expect(try await aside.read { try $0.projectionOffsets("hosts", "host_metrics") } == [0: 7])
        try await aside.close()
    }

    @Test(.enabled(if: canMount, "mounting a small tmpfs needs CAP_SYS_ADMIN"))
    func aFullDiskStopsTheMigrationAndLeavesTheFile() async throws {
        try #require(mount("tmpfs", folder.path, "tmpfs", 0, "size=16m") == 0)
        defer { umount2(folder.path, Int32(MNT_DETACH)) }
        try await makePreviousVersion(sessions: 20_000)
        let filler = "\(folder.path)/filler"
        try fill(filler, leaving: 512 << 10)
        await #expect {
            try await open()
        } throws: {
            ($0 as? SQLiteError)?.code == .diskFull
        }
        #expect(!memory.lines.contains { $0.contains("views_rebuilt") })
        unlink(filler)
        let database = try await open()
        #expect(try await database.read { try $0.optimizations(OptimizationQuery()).total } == 20_000)
        #expect(
            try await database.read { try $0.projectionOffsets("optimizations", "optimization_events") } == [0: 42])
        try await database.close()
    }

    /// Fills the file system of the folder but for some bytes.
    private func fill(_ file: String, leaving rest: Int) throws {
        var status = statvfs()
        try #require(statvfs(folder.path, &status) == 0)
        let descriptor = Glibc.open(file, O_WRONLY | O_CREAT, 0o600)
        defer { close(descriptor) }
        let free = Int(status.f_bavail) * Int(status.f_frsize)
        try #require(posix_fallocate(descriptor, 0, off_t(max(free - rest, 1))) == 0)
    }
}

/// The statements of views.db as they were before sessions had counts and hosts had hours.
private enum PreviousSchema {
    static let migrations = [
        Migration(
            "projections-1",
            """
            CREATE TABLE projection_offsets (
                projection TEXT NOT NULL,
                source TEXT NOT NULL,
                partition INTEGER NOT NULL,
                next INTEGER NOT NULL,
                PRIMARY KEY (projection, source, partition)
            ) WITHOUT ROWID
            """),
        Migration(
            "hosts-1",
            """
            CREATE TABLE host_latest (
                host TEXT PRIMARY KEY,
                heard_at INTEGER NOT NULL,
                sample BLOB NOT NULL
            );
            CREATE TABLE host_seconds (
                host TEXT NOT NULL,
                second INTEGER NOT NULL,
                at INTEGER NOT NULL,
                cpu REAL NOT NULL, ram_used REAL NOT NULL, ram_total REAL NOT NULL, ram REAL NOT NULL,
                gpu REAL NOT NULL, vram_used REAL NOT NULL, vram_total REAL NOT NULL, vram REAL NOT NULL,
                PRIMARY KEY (host, second)
            ) WITHOUT ROWID;
            CREATE TABLE host_minutes (
                host TEXT NOT NULL,
                minute INTEGER NOT NULL,
                at INTEGER NOT NULL,
                samples INTEGER NOT NULL,
                cpu REAL NOT NULL, ram_used REAL NOT NULL, ram_total REAL NOT NULL, ram REAL NOT NULL,
                gpu REAL NOT NULL, vram_used REAL NOT NULL, vram_total REAL NOT NULL, vram REAL NOT NULL,
                PRIMARY KEY (host, minute)
            ) WITHOUT ROWID
            """),
        Migration(
            "optimizations-1",
            """
            CREATE TABLE optimizations (
                id TEXT PRIMARY KEY,
                stage INTEGER NOT NULL,
                status TEXT NOT NULL,
                owner TEXT NOT NULL,
                host TEXT,
                type TEXT NOT NULL,
                dry_run INTEGER NOT NULL,
                requested_at INTEGER NOT NULL,
                updated_at INTEGER NOT NULL,
                error TEXT,
                result BLOB
            ) WITHOUT ROWID;
            CREATE INDEX optimizations_by_time ON optimizations (requested_at);
            CREATE INDEX optimizations_by_update ON optimizations (updated_at)
            """),
    ]
}
