import BusTestKit
import Contracts
import Runtime
import SQLiteKit
import Testing

@testable import Ingress

/// What the history becomes that was written before metrics were kept.
@Suite struct HostMetricsMigrationTests {
    private static let previous = [
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
            "hosts-2",
            """
            CREATE TABLE host_hours (
                host TEXT NOT NULL,
                hour INTEGER NOT NULL,
                at INTEGER NOT NULL,
                samples INTEGER NOT NULL,
                cpu REAL NOT NULL, ram_used REAL NOT NULL, ram_total REAL NOT NULL, ram REAL NOT NULL,
                gpu REAL NOT NULL, vram_used REAL NOT NULL, vram_total REAL NOT NULL, vram REAL NOT NULL,
                PRIMARY KEY (host, hour)
            ) WITHOUT ROWID
            """),
    ]

    /// A sample a second with 50 % and 1.5 of 4 GiB: the last ten minutes of now, two of an hour that has begun to be
    /// one of the hours, and that hour.
    private func makePreviousVersion(_ path: String, now: Timestamp) async throws {
        let database = try await Database.open(
            DatabaseConfiguration(path: path, durability: .normal, name: "previous"), migrations: Self.previous,
            logger: .silent)
        let second = now.microseconds / 1_000_000
        let oldHour = second / 3600 - 8 * 24
        try await database.write { connection in
            for age in 1...600 as ClosedRange<Int64> {
                try connection.run(
                    "INSERT INTO host_seconds VALUES ('alpha', ?, ?, 50, 1.5, 4, 37.5, 0, 0, 0, 0)",
                    .integer(second - age), .integer((second - age) * 1_000_000))
            }
            let minutes = (1...10).map { second / 60 - $0 } + [oldHour * 60 + 57, oldHour * 60 + 58]
            for minute in minutes {
                try connection.run(
                    "INSERT INTO host_minutes VALUES ('alpha', ?, ?, 60, 3000, 90, 240, 2250, 0, 0, 0, 0)",
                    .integer(minute), .integer((minute * 60 + 59) * 1_000_000))
            }
            try connection.run(
                "INSERT INTO host_hours VALUES ('alpha', ?, ?, 120, 1200, 180, 480, 4500, 0, 0, 0, 0)",
                .integer(oldHour), .integer((oldHour * 3600 + 3400) * 1_000_000))
        }
        try await database.close()
    }

    @Test func rowsOfThePreviousVersionKeepWhatTheyKnow() async throws {
        let folder = try TemporaryFolder()
        let time = ManualTime()
        try await makePreviousVersion("\(folder.path)/views.db", now: time.now)
        let history = try await TestHistory(time, in: folder)
        #expect(try await history.count("sum(samples)", of: "host_ten_minutes") == 720)
        let seconds = try await history.range(hours: 1.0 / 6, step: 1, ["cpu_percent", "load1"])
        #expect(seconds.tier == .seconds)
        #expect(seconds.series[0].allSatisfy { $0.count == 1 && $0.minimum == 50 && $0.last == 50 })
        #expect(seconds.series[1].allSatisfy { $0.count == 0 })

        // The mean of sums is known, the least and the most are not.
        let names = ["cpu_percent", "memory_percent", "memory_used_bytes", "vram_percent"]
        let minutes = try await history.range(hours: 1.0 / 6, step: 60, names)
        let whole = minutes.series.map { $0.filter { $0.count == 60 } }
        #expect(whole.map(\.count) == [10, 10, 10, 0])
        #expect(whole[0].allSatisfy { $0.mean == 50 && MetricStatistic.minimum.value(of: $0) == nil })
        #expect(whole[1].allSatisfy { $0.mean == 37.5 })
        #expect(whole[2].allSatisfy { $0.mean == 1_610_612_736 })

        // A sample that comes into such a minute adds to its mean, and what is not known stays so.
        let at = time.now.advanced(by: .milliseconds(-20_500))
        try await history.apply([.example(at: at, cpu: 111)])
        let minute = try await history.range(hours: 1.0 / 6, step: 60, ["cpu_percent"])
        let grown = minute.series[0].filter { $0.count == 61 }
        #expect(grown.map(\.mean) == [51])
        #expect(grown.map(\.last) == [111])
        #expect(grown.allSatisfy { $0.minimum.isNaN && $0.maximum.isNaN })

        // The old minutes go to their hour once, with those of before.
        try await history.prune()
        try await history.prune()
        #expect(try await history.count("sum(samples)", of: "host_hours") == 240)
        let hours = try await history.range(hours: 9 * 24, step: 3600, ["cpu_percent"])
        #expect(hours.series[0].filter { $0.count == 240 }.map(\.mean) == [30])
        let now = time.now
        let stats = try await history.database.read {
            try $0.hostHistory("alpha", since: now.advanced(by: .seconds(-9 * 86_400)), until: now)
        }
        #expect(stats.last?.cpuPercent == 30)
        try await history.close()
    }
}
