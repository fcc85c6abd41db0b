internal import SQLiteKit

/// Which sessions are asked for; a field that is nil does not matter.
struct OptimizationQuery: Sendable {
    var owner: String?
    var status: String?
    /// How many of the newest to leave out.
    var skip = 0
    var limit = 50

    /// Reads one index alone: which one, follows from what is asked for.
    var numbersInSpan: String {
        var conditions = ["requested_at >= ?3", "requested_at < ?4"]
        if owner != nil { conditions.append("owner = ?1") }
        if status != nil { conditions.append("status = ?2") }
        let index = owner != nil ? "owner" : status != nil ? "status" : "time"
        return """
            SELECT number AS found FROM optimizations INDEXED BY optimizations_by_\(index)
            WHERE \(conditions.joined(separator: " AND "))
            ORDER BY requested_at DESC, number DESC LIMIT ?5 OFFSET ?6
            """
    }
}

/// A page of sessions, the newest first.
struct OptimizationPage: Sendable {
    let sessions: [OptimizationSession]
    /// How many match in all.
    let total: Int
}

extension Connection {
    /// Finds the hours that the page is of by the counts, so that what is skipped is not read and what is not there is
    /// not looked for; of each hour the numbers in an index, and only then the rows.
    func optimizations(_ query: OptimizationQuery) throws -> OptimizationPage {
        let hours = try countedHours(query)
        var found: [OptimizationSession] = []
        var skip = query.skip
        for (hour, sessions) in hours where found.count < query.limit {
            if skip < sessions {
                found += try self.sessions(query, of: hour, skip: skip, limit: query.limit - found.count)
            }
            skip = max(0, skip - sessions)
        }
        return OptimizationPage(sessions: found, total: hours.reduce(0) { $0 + $1.sessions })
    }

    /// How many sessions match in each hour that has any, the newest first.
    private func countedHours(_ query: OptimizationQuery) throws -> [(hour: Int64, sessions: Int)] {
        let place =
            query.owner == nil
            ? "optimization_totals WHERE ?1 IS NULL"
            : "optimization_counts WHERE hour IN (SELECT hour FROM optimization_totals) AND owner = ?1"
        return try self.query(
            "SELECT hour, sum(sessions) FROM \(place) AND (?2 IS NULL OR status = ?2) GROUP BY hour ORDER BY hour DESC",
            Binding(query.owner), Binding(query.status)
        ) { ($0.int(0), Int($0.int(1))) }
    }

    /// The sessions of an hour that match, the newest first.
    private func sessions(
        _ query: OptimizationQuery, of hour: Int64, skip: Int, limit: Int
    ) throws -> [OptimizationSession] {
        let span = OptimizationCounts.span(of: hour)
        return try self.query(
            """
            SELECT \(OptimizationSession.columns) FROM (\(query.numbersInSpan))
            CROSS JOIN optimizations ON number = found ORDER BY requested_at DESC, number DESC
            """, Binding(query.owner), Binding(query.status), .integer(span.lowerBound), .integer(span.upperBound),
            .integer(Int64(limit)), .integer(Int64(skip)), row: OptimizationSession.init(row:))
    }
}
