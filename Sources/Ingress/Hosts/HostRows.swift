internal import Contracts
internal import Runtime
internal import SQLiteKit

/// The rows of the hosts: the latest sample whole, and the history in tiers of seconds, minutes and hours.
///
/// A sample is added to its second and its minute. The upkeep moves the minutes that are past their retention into their
/// hours, so that each sample is in the sums of either a minute or an hour. Sums of other kinds, such as the least and
/// the most, can be added to both tables as columns.
enum HostRows {
    static let migrations = [
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
            """),
        Migration(
            "hosts-2",
            """
            -- Sums of `samples` samples whose minutes are gone.
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

    static let secondsKept: Int64 = 3600
    static let minutesKept: Int64 = 7 * 24 * 60
    /// A year, as the contract bounds `hours`.
    static let hoursKept: Int64 = 8760
    /// Samples from further ahead are of a clock that is wrong: their rows would outlive everybody.
    static let secondsAhead: Int64 = 86_400
    /// Rows deleted in one transaction of the upkeep: some milliseconds for whoever waits for the writer.
    static let pruneLimit = 2000
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

    /// Stores a sample as that of its second; answers false when that very sample is there.
    func addHostSecond(_ stats: HostStats, host: String, second: Int64) throws -> Bool {
        try run(
            """
            INSERT INTO host_seconds
            (host, second, at, cpu, ram_used, ram_total, ram, gpu, vram_used, vram_total, vram)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET
                at = excluded.at, cpu = excluded.cpu, ram_used = excluded.ram_used, ram_total = excluded.ram_total,
                ram = excluded.ram, gpu = excluded.gpu, vram_used = excluded.vram_used,
                vram_total = excluded.vram_total, vram = excluded.vram
            WHERE at <> excluded.at
            """, .text(host), .integer(second), .integer(stats.timestamp.microseconds), .real(stats.cpuPercent),
            .real(stats.ramUsed), .real(stats.ramTotal), .real(stats.ramPercent), .real(stats.gpuPercent),
            .real(stats.vramUsed), .real(stats.vramTotal), .real(stats.vramPercent)) > 0
    }

    /// Adds sums to those of a minute.
    func addToHostMinute(_ sums: HostSums, host: String, minute: Int64) throws {
        try run(
            """
            INSERT INTO host_minutes
            (host, minute, at, samples, cpu, ram_used, ram_total, ram, gpu, vram_used, vram_total, vram)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET \(Self.addedSums)
            """, .text(host), .integer(minute), .integer(sums.latest), .integer(sums.samples), .real(sums.values[0]),
            .real(sums.values[1]), .real(sums.values[2]), .real(sums.values[3]), .real(sums.values[4]),
            .real(sums.values[5]), .real(sums.values[6]), .real(sums.values[7]))
    }

    /// What an upsert does to a row of sums.
    static let addedSums = """
        at = max(at, excluded.at), samples = samples + excluded.samples, cpu = cpu + excluded.cpu,
        ram_used = ram_used + excluded.ram_used, ram_total = ram_total + excluded.ram_total,
        ram = ram + excluded.ram, gpu = gpu + excluded.gpu, vram_used = vram_used + excluded.vram_used,
        vram_total = vram_total + excluded.vram_total, vram = vram + excluded.vram
        """
}
