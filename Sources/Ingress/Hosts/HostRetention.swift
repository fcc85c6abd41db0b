internal import Runtime
internal import SQLiteKit

/// Where the upkeep of the hosts stands: it goes from host to host, in slices.
struct HostRetention: Sendable {
    /// Everything up to this host has been looked at; nil at the beginning.
    private(set) var host: String?

    /// Looks at further hosts, and deletes about as many rows as given. Answers whether there is more to look at.
    mutating func prune(
        _ connection: Connection, keeping limits: HostHistoryLimits, now: Timestamp, limit: Int
    ) throws -> Bool {
        var left = limit
        while let next = try connection.nextHost(after: host) {
            left -= try connection.pruneHost(next, keeping: limits, now: now, limit: left)
            // The host may have more: the next slice begins with it.
            guard left > 0 else { return true }
            host = next
            // A look costs about as much as some rows.
            left -= 8
            guard left > 0 else { return true }
        }
        host = nil
        return false
    }
}

extension Connection {
    /// Deletes the hosts that have been silent for as long as their minutes are kept; answers which. Their hours stay.
    func forgetSilentHosts(keeping limits: HostHistoryLimits, now: Timestamp) throws -> [String] {
        let end = now.microseconds - limits.minutes * 60_000_000
        return try query("DELETE FROM host_latest WHERE heard_at < ? RETURNING host", .integer(end)) { $0.text(0) }
    }

    /// The next host by name that has any history.
    fileprivate func nextHost(after host: String?) throws -> String? {
        let condition = "host \(host == nil ? ">=" : ">") ?1"
        let tiers = HostTier.allCases.map { "SELECT (SELECT min(host) FROM \($0.table) WHERE \(condition)) AS host" }
        return try first(
            "SELECT min(host) FROM (\(tiers.joined(separator: " UNION ALL ")))", .text(host ?? "")
        ) { $0.textOrNil(0) } ?? nil
    }

    /// Deletes what is past its retention, the ten minutes by adding them to their hours. Answers how many rows it
    /// deleted: of each tier at most `limit`, and that many when there may be more.
    fileprivate func pruneHost(
        _ host: String, keeping limits: HostHistoryLimits, now: Timestamp, limit: Int
    ) throws -> Int {
        let second = now.microseconds / 1_000_000
        var deleted = try delete(host, .seconds, before: second - limits.seconds, limit)
        deleted += try delete(host, .minutes, before: second / 60 - limits.minutes, limit)
        deleted += try delete(host, .tenMinutes, before: (second / 60 - limits.minutes) / 10, limit) { end in
            try moveToHours(host, before: end)
        }
        deleted += try delete(host, .hours, before: second / 3600 - limits.hours, limit)
        return deleted
    }

    /// Deletes the rows before a time, or the first `limit` of them.
    private func delete(
        _ host: String, _ tier: HostTier, before end: Int64, _ limit: Int, _ prepare: (Int64) throws -> Void = { _ in }
    ) throws -> Int {
        let end =
            try first(
                """
                SELECT \(tier.time) FROM \(tier.table) WHERE host = ? AND \(tier.time) < ?
                ORDER BY \(tier.time) LIMIT 1 OFFSET ?
                """, .text(host), .integer(end), .integer(Int64(limit))
            ) { $0.int(0) } ?? end
        try prepare(end)
        if let metrics = tier.metricsTable {
            try run("DELETE FROM \(metrics) WHERE host = ? AND \(tier.time) < ?", .text(host), .integer(end))
        }
        return try run("DELETE FROM \(tier.table) WHERE host = ? AND \(tier.time) < ?", .text(host), .integer(end))
    }

    private func moveToHours(_ host: String, before end: Int64) throws {
        var hours: [Int64: HostAggregate] = [:]
        let tier = HostTier.tenMinutes
        try forEach(
            "SELECT \(tier.columns) FROM \(tier.table) WHERE host = ? AND \(tier.time) < ?", .text(host), .integer(end)
        ) { row in
            let samples = HostAggregate(row: row)
            let hour = row.int(0) * tier.resolution / HostTier.hours.resolution
            if hours[hour]?.add(samples) == nil { hours[hour] = samples }
            return true
        }
        for (hour, samples) in hours { try add(samples, to: .hours, host: host, at: hour) }
    }
}
