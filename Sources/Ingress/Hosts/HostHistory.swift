internal import Runtime
internal import SQLiteKit

/// Puts the rows of a tier together into at most 1,000 records, each the means of an equal stretch of time.
struct HostHistory {
    /// Records of one answer, as the contract says.
    static let maximumRecords = 1000

    /// How many of a tier's rows make a record.
    let step: Int64
    private var sums: [Int64: HostSums] = [:]
    /// The record that the last row went to; rows come in their order, so that the table is asked once a record.
    private var current: (record: Int64, sums: HostSums)?

    /// - Parameter span: How many rows of the tier there can be.
    init(span: Int64) {
        let maximum = Int64(Self.maximumRecords)
        step = max(1, (span + maximum - 1) / maximum)
    }

    /// Adds the row of a second, minute or hour, counted from 1970 on.
    mutating func add(_ time: Int64, _ row: HostSums) {
        let record = time / step
        if let known = current, known.record == record {
            current?.sums.add(row)
            return
        }
        settle()
        current = (record, row)
    }

    private mutating func settle() {
        guard let (record, row) = current else { return }
        if sums[record]?.add(row) == nil { sums[record] = row }
        current = nil
    }

    /// The newest first.
    mutating func records() -> [HostStats] {
        settle()
        return sums.sorted { $0.key > $1.key }.prefix(Self.maximumRecords).map(\.value.means)
    }
}

extension Connection {
    /// The history of a host since a time: of the seconds up to an hour back, of the minutes up to a week, else of the
    /// hours and what is still in ten minutes; of a coarser tier where a finer one is not kept for so long.
    func hostHistory(
        _ host: String, since start: Timestamp, until end: Timestamp, keeping limits: HostHistoryLimits = .standard
    ) throws -> [HostStats] {
        let from = start.microseconds / 1_000_000
        let span = max(1, end.microseconds / 1_000_000 - from)
        let standard = HostHistoryLimits.standard
        if span <= min(limits.seconds, standard.seconds) {
            var history = HostHistory(span: span)
            try addRows(of: .seconds, host, from + 1, end) { history.add($0, $1) }
            return history.records()
        }
        if span <= min(limits.minutes, standard.minutes) * 60 {
            var history = HostHistory(span: span / 60 + 1)
            try addRows(of: .minutes, host, from / 60, end) { history.add($0, $1) }
            return history.records()
        }
        var history = HostHistory(span: span / 3600 + 1)
        try addRows(of: .tenMinutes, host, from / 600, end) { history.add($0 / 6, $1) }
        try addRows(of: .hours, host, from / 3600, end) { history.add($0, $1) }
        return history.records()
    }

    /// Reads a tier from a second, minute or hour on, the newest first and nothing that is still to come.
    private func addRows(
        of tier: HostTier, _ host: String, _ first: Int64, _ end: Timestamp, _ add: (Int64, HostSums) -> Void
    ) throws {
        try forEach(
            """
            SELECT \(tier.time), at, \(tier.samples), \(HostSums.columns) FROM \(tier.table)
            WHERE host = ? AND \(tier.time) >= ? AND at <= ? ORDER BY \(tier.time) DESC
            """, .text(host), .integer(first), .integer(end.microseconds)
        ) { row in
            add(row.int(0), HostSums(row: row))
            return true
        }
    }
}
