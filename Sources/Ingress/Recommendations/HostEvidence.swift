internal import Contracts
internal import Runtime
internal import SQLiteKit

/// What is known of a host over time: what recommendations are made of.
struct HostEvidence: Sendable {
    /// Means of all samples of a time.
    struct Means: Sendable, Hashable {
        var samples: Int
        /// From the first to the last of them.
        var covered: Duration
        var cpuPercent: Double
        var ramPercent: Double
    }

    /// The last reading.
    var sample: HostSample
    /// Nil where there is no sample of the time.
    var lastHour: Means?
    var lastDay: Means?
    var lastWeek: Means?
}

extension Connection {
    /// The means of a host's minutes since a time.
    func hostMeans(_ host: String, since start: Timestamp) throws -> HostEvidence.Means? {
        let means = try first(
            """
            SELECT sum(samples), max(minute) - min(minute), sum(cpu) / sum(samples), sum(ram) / sum(samples)
            FROM host_minutes WHERE host = ? AND minute >= ?
            """, .text(host), .integer(start.microseconds / 60_000_000)
        ) { row -> HostEvidence.Means? in
            guard !row.isNull(0) else { return nil }
            return HostEvidence.Means(
                samples: Int(row.int(0)), covered: .seconds(60 * row.int(1)), cpuPercent: row.double(2),
                ramPercent: row.double(3))
        }
        return means ?? nil
    }

    func hostEvidence(_ sample: HostSample, now: Timestamp) throws -> HostEvidence {
        func means(hours: Int) throws -> HostEvidence.Means? {
            try hostMeans(sample.host, since: now.advanced(by: .seconds(-3600 * hours)))
        }
        return HostEvidence(
            sample: sample, lastHour: try means(hours: 1), lastDay: try means(hours: 24),
            lastWeek: try means(hours: 168))
    }
}
