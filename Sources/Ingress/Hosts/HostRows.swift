internal import Contracts
internal import Runtime
internal import SQLiteKit

/// The rows of the hosts: the latest sample whole, and the history in tiers of seconds, minutes, ten minutes and hours.
///
/// A sample is added to its second, its minute and its ten minutes. The upkeep moves the ten minutes that are past their
/// retention into their hours, so that each sample is in the sums of either ten minutes or an hour. A row has the sums of
/// the numbers of `/api/v1/system/stats`, and of every `HostMetric` what `MetricSums` says, packed by `HostMetricRow`:
/// five columns for each metric take 684 bytes a row against 343, and 22 ms to read a week against 2.3.
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
        Migration(
            "hosts-3",
            """
            -- As `HostMetricRow` packs them; NULL in the rows of earlier versions.
            ALTER TABLE host_seconds ADD COLUMN metrics BLOB;
            -- Beside their rows of host_minutes and host_hours: `newest` and `counted` are their `at` and `samples`.
            CREATE TABLE host_minute_metrics (
                host TEXT NOT NULL,
                minute INTEGER NOT NULL,
                newest INTEGER NOT NULL,
                counted INTEGER NOT NULL,
                metrics BLOB NOT NULL,
                PRIMARY KEY (host, minute)
            ) WITHOUT ROWID;
            CREATE TABLE host_hour_metrics (
                host TEXT NOT NULL,
                hour INTEGER NOT NULL,
                newest INTEGER NOT NULL,
                counted INTEGER NOT NULL,
                metrics BLOB NOT NULL,
                PRIMARY KEY (host, hour)
            ) WITHOUT ROWID;
            -- In seconds since 1970: rows of before may have no metrics.
            CREATE TABLE host_metrics_since (second INTEGER);
            INSERT INTO host_metrics_since
            SELECT max(second) FROM (
                SELECT max(minute) * 60 + 60 AS second FROM host_minutes
                UNION ALL SELECT max(hour) * 3600 + 3600 FROM host_hours);
            -- Sums of `samples` samples, which are in the minutes as well.
            CREATE TABLE host_ten_minutes (
                host TEXT NOT NULL,
                ten_minutes INTEGER NOT NULL,
                at INTEGER NOT NULL,
                samples INTEGER NOT NULL,
                cpu REAL NOT NULL, ram_used REAL NOT NULL, ram_total REAL NOT NULL, ram REAL NOT NULL,
                gpu REAL NOT NULL, vram_used REAL NOT NULL, vram_total REAL NOT NULL, vram REAL NOT NULL,
                metrics BLOB,
                PRIMARY KEY (host, ten_minutes)
            ) WITHOUT ROWID;
            INSERT INTO host_ten_minutes
            SELECT host, minute / 10, max(at), sum(samples), sum(cpu), sum(ram_used), sum(ram_total), sum(ram),
                sum(gpu), sum(vram_used), sum(vram_total), sum(vram), NULL
            FROM host_minutes GROUP BY host, minute / 10
            """),
    ]

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
    func addHostSecond(_ sample: HostAggregate, host: String, second: Int64) throws -> Bool {
        let sums = sample.sums
        return try run(
            """
            INSERT INTO host_seconds (host, second, at, \(HostSums.columns), metrics)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET at = excluded.at, \(Self.replacedSums),
                metrics = excluded.metrics
            WHERE at <> excluded.at
            """, .text(host), .integer(second), .integer(sums.latest), .real(sums.values[0]), .real(sums.values[1]),
            .real(sums.values[2]), .real(sums.values[3]), .real(sums.values[4]), .real(sums.values[5]),
            .real(sums.values[6]), .real(sums.values[7]), .blob(sample.packedMetrics)) > 0
    }

    /// Adds samples to a row of minutes, ten minutes or hours.
    func add(_ samples: HostAggregate, to tier: HostTier, host: String, at time: Int64) throws {
        var total = samples
        let known = try first(
            "SELECT \(tier.columns) FROM \(tier.source) WHERE host = ? AND \(tier.time) = ?", .text(host),
            .integer(time)
        ) { HostAggregate(row: $0) }
        if var known {
            known.add(samples)
            total = known
        }
        try replaceSums(total.sums, in: tier, host: host, at: time)
        try replaceMetrics(total, in: tier, host: host, at: time)
    }

    private func replaceSums(_ sums: HostSums, in tier: HostTier, host: String, at time: Int64) throws {
        try run(
            """
            INSERT INTO \(tier.table) (host, \(tier.time), at, samples, \(HostSums.columns))
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET at = excluded.at, samples = excluded.samples, \(Self.replacedSums)
            """, .text(host), .integer(time), .integer(sums.latest), .integer(sums.samples), .real(sums.values[0]),
            .real(sums.values[1]), .real(sums.values[2]), .real(sums.values[3]), .real(sums.values[4]),
            .real(sums.values[5]), .real(sums.values[6]), .real(sums.values[7]))
    }

    private func replaceMetrics(_ total: HostAggregate, in tier: HostTier, host: String, at time: Int64) throws {
        guard let table = tier.metricsTable else {
            try run(
                "UPDATE \(tier.table) SET metrics = ? WHERE host = ? AND \(tier.time) = ?", .blob(total.packedMetrics),
                .text(host), .integer(time))
            return
        }
        try run(
            """
            INSERT INTO \(table) (host, \(tier.time), newest, counted, metrics) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET
                newest = excluded.newest, counted = excluded.counted, metrics = excluded.metrics
            """, .text(host), .integer(time), .integer(total.sums.latest), .integer(total.sums.samples),
            .blob(total.packedMetrics))
    }

    private static let replacedSums = """
        cpu = excluded.cpu, ram_used = excluded.ram_used, ram_total = excluded.ram_total, ram = excluded.ram,
        gpu = excluded.gpu, vram_used = excluded.vram_used, vram_total = excluded.vram_total, vram = excluded.vram
        """
}
