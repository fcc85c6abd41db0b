internal import Runtime
internal import SQLiteKit

/// Where the upkeep of the hosts stands: it goes from host to host, in slices.
struct HostRetention: Sendable {
    /// Everything up to this host has been looked at; nil at the beginning.
    private(set) var host: String?

    /// Looks at further hosts, and deletes about as many rows as given. Answers whether there is more to look at.
    mutating func prune(_ connection: Connection, now: Timestamp, limit: Int) throws -> Bool {
        var left = limit
        while let next = try connection.nextHost(after: host) {
            left -= try connection.pruneHost(next, now: now, limit: left)
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
    func forgetSilentHosts(now: Timestamp) throws -> [String] {
        let end = now.microseconds - HostRows.minutesKept * 60_000_000
        return try query("DELETE FROM host_latest WHERE heard_at < ? RETURNING host", .integer(end)) { $0.text(0) }
    }

    /// The next host by name that has any history.
    fileprivate func nextHost(after host: String?) throws -> String? {
        let condition = "host \(host == nil ? ">=" : ">") ?1"
        return try first(
            """
            SELECT min(host) FROM (
                SELECT (SELECT min(host) FROM host_seconds WHERE \(condition)) AS host
                UNION ALL SELECT (SELECT min(host) FROM host_minutes WHERE \(condition))
                UNION ALL SELECT (SELECT min(host) FROM host_hours WHERE \(condition)))
            """, .text(host ?? "")
        ) { $0.textOrNil(0) } ?? nil
    }

    /// Deletes what is past its retention, the minutes by adding them to their hours. Answers how many rows it deleted:
    /// of each tier at most `limit`, and that many when there may be more.
    fileprivate func pruneHost(_ host: String, now: Timestamp, limit: Int) throws -> Int {
        let second = now.microseconds / 1_000_000
        var end = try end(of: "second", in: "host_seconds", host, before: second - HostRows.secondsKept, limit)
        var deleted = try run(
            "DELETE FROM host_seconds WHERE host = ? AND second < ?", .text(host), .integer(end))
        end = try self.end(of: "minute", in: "host_minutes", host, before: second / 60 - HostRows.minutesKept, limit)
        try run(
            """
            INSERT INTO host_hours
            (host, hour, at, samples, cpu, ram_used, ram_total, ram, gpu, vram_used, vram_total, vram)
            SELECT host, minute / 60, max(at), sum(samples), sum(cpu), sum(ram_used), sum(ram_total), sum(ram),
                sum(gpu), sum(vram_used), sum(vram_total), sum(vram)
            FROM host_minutes WHERE host = ? AND minute < ? GROUP BY minute / 60
            ON CONFLICT DO UPDATE SET \(Self.addedSums)
            """, .text(host), .integer(end))
        deleted += try run("DELETE FROM host_minutes WHERE host = ? AND minute < ?", .text(host), .integer(end))
        end = try self.end(of: "hour", in: "host_hours", host, before: second / 3600 - HostRows.hoursKept, limit)
        deleted += try run("DELETE FROM host_hours WHERE host = ? AND hour < ?", .text(host), .integer(end))
        return deleted
    }

    /// Up to where a slice of a tier goes: `end`, or as far as there are no more than `limit` rows.
    private func end(
        of time: String, in table: String, _ host: String, before end: Int64, _ limit: Int
    ) throws -> Int64 {
        try first(
            "SELECT \(time) FROM \(table) WHERE host = ? AND \(time) < ? ORDER BY \(time) LIMIT 1 OFFSET ?",
            .text(host), .integer(end), .integer(Int64(limit))
        ) { $0.int(0) } ?? end
    }
}
