internal import Contracts
internal import Runtime
internal import SQLiteKit

/// The rows of the hosts: the latest sample whole, one row a second for an hour, one a minute for 7 days.
enum HostRows {
    static let migration = Migration(
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
        -- Sums of `samples` samples.
        CREATE TABLE host_minutes (
            host TEXT NOT NULL,
            minute INTEGER NOT NULL,
            at INTEGER NOT NULL,
            samples INTEGER NOT NULL,
            cpu REAL NOT NULL, ram_used REAL NOT NULL, ram_total REAL NOT NULL, ram REAL NOT NULL,
            gpu REAL NOT NULL, vram_used REAL NOT NULL, vram_total REAL NOT NULL, vram REAL NOT NULL,
            PRIMARY KEY (host, minute)
        ) WITHOUT ROWID
        """)

    static let secondsKept: Int64 = 3600
    static let minutesKept: Int64 = 7 * 24 * 60
    /// Records of one answer, as the contract says.
    static let maximumRecords: Int64 = 1000
}

extension Connection {
    /// The latest sample of every host. One that this version cannot read is left out until the host reports again.
    func latestHostSamples() throws -> [(HostSample, Timestamp)] {
        try query("SELECT heard_at, sample FROM host_latest") { row in
            do {
                return (try HostSample(json: row.blob(1)), Timestamp(microseconds: row.int(0)))
            } catch let error as SQLiteError {
                throw error
            } catch {
                return nil
            }
        }.compactMap(\.self)
    }

    func storeLatestHostSample(_ sample: [UInt8], host: String, heardAt: Int64) throws {
        try run(
            """
            INSERT INTO host_latest (host, heard_at, sample) VALUES (?, ?, ?)
            ON CONFLICT DO UPDATE SET heard_at = excluded.heard_at, sample = excluded.sample
            """, .text(host), .integer(heardAt), .blob(sample))
    }

    /// Adds a sample to the history; a rebuild skips the seconds that would be deleted at once.
    func addHostStats(_ stats: HostStats, host: String, now: Timestamp) throws {
        let second = stats.timestamp.microseconds / 1_000_000
        if second >= now.microseconds / 1_000_000 - HostRows.secondsKept {
            try addHostSecond(stats, host: host, second: second)
        }
        try addToHostMinute(stats, host: host, minute: second / 60)
    }

    private func addHostSecond(_ stats: HostStats, host: String, second: Int64) throws {
        try run(
            """
            INSERT OR REPLACE INTO host_seconds
            (host, second, at, cpu, ram_used, ram_total, ram, gpu, vram_used, vram_total, vram)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, .text(host), .integer(second), .integer(stats.timestamp.microseconds), .real(stats.cpuPercent),
            .real(stats.ramUsed), .real(stats.ramTotal), .real(stats.ramPercent), .real(stats.gpuPercent),
            .real(stats.vramUsed), .real(stats.vramTotal), .real(stats.vramPercent))
    }

    private func addToHostMinute(_ stats: HostStats, host: String, minute: Int64) throws {
        try run(
            """
            INSERT INTO host_minutes
            (host, minute, at, samples, cpu, ram_used, ram_total, ram, gpu, vram_used, vram_total, vram)
            VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET
                at = max(at, excluded.at), samples = samples + 1, cpu = cpu + excluded.cpu,
                ram_used = ram_used + excluded.ram_used, ram_total = ram_total + excluded.ram_total,
                ram = ram + excluded.ram, gpu = gpu + excluded.gpu, vram_used = vram_used + excluded.vram_used,
                vram_total = vram_total + excluded.vram_total, vram = vram + excluded.vram
            """, .text(host), .integer(minute), .integer(stats.timestamp.microseconds), .real(stats.cpuPercent),
            .real(stats.ramUsed), .real(stats.ramTotal), .real(stats.ramPercent), .real(stats.gpuPercent),
            .real(stats.vramUsed), .real(stats.vramTotal), .real(stats.vramPercent))
    }

    /// The history since a time, newest first, thinned evenly to at most 1,000 records: from the seconds when they
    /// reach far enough back, else from the minutes' means.
    func hostHistory(_ host: String, since start: Timestamp, until end: Timestamp) throws -> [HostStats] {
        let from = start.microseconds / 1_000_000
        let to = end.microseconds / 1_000_000
        let span = max(1, to - from)
        if span <= HostRows.secondsKept {
            let step = (span + HostRows.maximumRecords - 1) / HostRows.maximumRecords
            return try query(
                """
                SELECT max(at), cpu, ram_used, ram_total, ram, gpu, vram_used, vram_total, vram, 1 FROM host_seconds
                WHERE host = ? AND second > ? AND at <= ? GROUP BY second / ? ORDER BY second DESC LIMIT ?
                """, .text(host), .integer(from), .integer(end.microseconds), .integer(step),
                .integer(HostRows.maximumRecords), row: HostStats.init(row:))
        }
        let minutes = min(span / 60 + 1, HostRows.minutesKept)
        let step = (minutes + HostRows.maximumRecords - 1) / HostRows.maximumRecords
        return try query(
            """
            SELECT max(at), sum(cpu), sum(ram_used), sum(ram_total), sum(ram), sum(gpu), sum(vram_used),
                sum(vram_total), sum(vram), sum(samples) FROM host_minutes
            WHERE host = ? AND minute >= ? AND at <= ? GROUP BY minute / ? ORDER BY minute DESC LIMIT ?
            """, .text(host), .integer(from / 60), .integer(end.microseconds), .integer(step),
            .integer(HostRows.maximumRecords), row: HostStats.init(row:))
    }

    /// Deletes what is past its retention; answers the hosts that have been silent for all of it and are forgotten.
    func pruneHosts(now: Timestamp) throws -> [String] {
        let second = now.microseconds / 1_000_000
        for host in try query("SELECT host FROM host_latest", row: { $0.text(0) }) {
            try run(
                "DELETE FROM host_seconds WHERE host = ? AND second < ?", .text(host),
                .integer(second - HostRows.secondsKept))
            try run(
                "DELETE FROM host_minutes WHERE host = ? AND minute < ?", .text(host),
                .integer(second / 60 - HostRows.minutesKept))
        }
        return try query(
            "DELETE FROM host_latest WHERE heard_at < ? RETURNING host",
            .integer((second - HostRows.minutesKept * 60) * 1_000_000)
        ) { $0.text(0) }
    }
}

extension HostStats {
    /// A row of sums: the time, eight numbers, and how many samples they are of.
    fileprivate init(row: Row) {
        let samples = row.double(9)
        self.init(
            timestamp: Timestamp(microseconds: row.int(0)), cpuPercent: row.double(1) / samples,
            ramUsed: row.double(2) / samples, ramTotal: row.double(3) / samples, ramPercent: row.double(4) / samples,
            gpuPercent: row.double(5) / samples, vramUsed: row.double(6) / samples,
            vramTotal: row.double(7) / samples, vramPercent: row.double(8) / samples)
    }
}
