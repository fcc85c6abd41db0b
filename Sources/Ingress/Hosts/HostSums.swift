internal import Runtime
internal import SQLiteKit

/// The sums of some samples of a host.
struct HostSums {
    /// When the newest of the samples was taken, in microseconds since 1970.
    private(set) var latest: Int64
    private(set) var samples: Int64
    /// In the order of `HostSums.columns`.
    private(set) var values: SIMD8<Double>

    /// What `init(row:)` reads, of a tier's table; a second is of one sample.
    static let columns = "cpu, ram_used, ram_total, ram, gpu, vram_used, vram_total, vram"

    init(_ stats: HostStats) {
        latest = stats.timestamp.microseconds
        samples = 1
        values = [
            stats.cpuPercent, stats.ramUsed, stats.ramTotal, stats.ramPercent, stats.gpuPercent, stats.vramUsed,
            stats.vramTotal, stats.vramPercent,
        ]
    }

    /// Reads `at`, the number of samples and `columns`, from the second column on.
    init(row: Row) {
        latest = row.int(1)
        samples = row.int(2)
        values = [
            row.double(3), row.double(4), row.double(5), row.double(6), row.double(7), row.double(8), row.double(9),
            row.double(10),
        ]
    }

    mutating func add(_ other: HostSums) {
        latest = max(latest, other.latest)
        samples += other.samples
        values += other.values
    }

    /// The means, at the time of the newest sample.
    var means: HostStats {
        let means = values / Double(samples)
        return HostStats(
            timestamp: Timestamp(microseconds: latest), cpuPercent: means[0], ramUsed: means[1], ramTotal: means[2],
            ramPercent: means[3], gpuPercent: means[4], vramUsed: means[5], vramTotal: means[6], vramPercent: means[7])
    }
}
