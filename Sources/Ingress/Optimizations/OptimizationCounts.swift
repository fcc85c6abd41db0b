internal import Runtime
internal import SQLiteKit

/// What one transaction changes about the numbers of sessions: they are kept by owner, by the hour of the request and
/// by status, so that no list counts its rows.
struct OptimizationCounts {
    /// Where a session is counted.
    struct Place: Hashable {
        let owner: String
        let hour: Int64
        let status: String
    }

    static let microsecondsPerHour: Int64 = 3_600_000_000

    private(set) var changes: [Place: Int64] = [:]

    /// A session is counted elsewhere now; nil is nowhere.
    mutating func move(from old: Place?, to new: Place?) {
        guard old != new else { return }
        if let old { changes[old, default: 0] -= 1 }
        if let new { changes[new, default: 0] += 1 }
    }

    /// The microseconds of an hour.
    static func span(of hour: Int64) -> Range<Int64> {
        let (start, isFarAway) = hour.multipliedReportingOverflow(by: microsecondsPerHour)
        // Only the first and the last hour of the range of times do not fit into it.
        if isFarAway { return .min..<(hour + 1) * microsecondsPerHour }
        let (end, isLast) = start.addingReportingOverflow(microsecondsPerHour)
        return start..<(isLast ? .max : end)
    }

    /// The hour of a time, counted from 1970 on and rounded down.
    static func hour(of microseconds: Int64) -> Int64 {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: microsecondsPerHour)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

extension OptimizationCounts.Place {
    /// Reads `owner, requested_at, status`.
    init(row: Row) {
        self.init(owner: row.text(0), hour: OptimizationCounts.hour(of: row.int(1)), status: row.text(2))
    }
}

extension Connection {
    /// Adds the changes, in the transaction of the rows that they count.
    func store(_ counts: OptimizationCounts) throws {
        var totals: [OptimizationCounts.Place: Int64] = [:]
        for (place, change) in counts.changes where change != 0 {
            totals[OptimizationCounts.Place(owner: "", hour: place.hour, status: place.status), default: 0] += change
            try run(
                """
                INSERT INTO optimization_counts (hour, owner, status, sessions) VALUES (?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET sessions = sessions + excluded.sessions
                """, .integer(place.hour), .text(place.owner), .text(place.status), .integer(change))
            guard change < 0 else { continue }
            try run(
                "DELETE FROM optimization_counts WHERE hour = ? AND owner = ? AND status = ? AND sessions = 0",
                .integer(place.hour), .text(place.owner), .text(place.status))
        }
        for (place, change) in totals where change != 0 {
            try run(
                """
                INSERT INTO optimization_totals (hour, status, sessions) VALUES (?, ?, ?)
                ON CONFLICT DO UPDATE SET sessions = sessions + excluded.sessions
                """, .integer(place.hour), .text(place.status), .integer(change))
            guard change < 0 else { continue }
            try run(
                "DELETE FROM optimization_totals WHERE hour = ? AND status = ? AND sessions = 0",
                .integer(place.hour), .text(place.status))
        }
    }

    /// Those of models, which have no host.
    func runningModelSessions() throws -> Int {
        try first(
            """
            SELECT count(*) FROM optimizations INDEXED BY optimizations_by_status
            WHERE status = 'running' AND host IS NULL
            """
        ) { Int($0.int(0)) } ?? 0
    }

    /// When the optimization that was asked for last of those that completed did so; nil when none has.
    func lastCompletedOptimization() throws -> Timestamp? {
        try first(
            "SELECT updated_at FROM optimizations WHERE status = 'completed' ORDER BY requested_at DESC LIMIT 1"
        ) { Timestamp(microseconds: $0.int(0)) }
    }

    func runningOptimizations() throws -> Int {
        try first("SELECT ifnull(sum(sessions), 0) FROM optimization_totals WHERE status = 'running'") {
            Int($0.int(0))
        } ?? 0
    }
}
