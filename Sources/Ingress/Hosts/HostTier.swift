/// A table of a host's history, a row for each stretch of time that has samples.
enum HostTier: CaseIterable, Sendable {
    /// Of each second the last sample.
    case seconds
    case minutes
    /// The same samples as in the minutes, for charts of days.
    case tenMinutes
    /// The samples whose ten minutes are past their retention.
    case hours

    var table: String {
        switch self {
        case .seconds: "host_seconds"
        case .minutes: "host_minutes"
        case .tenMinutes: "host_ten_minutes"
        case .hours: "host_hours"
        }
    }

    /// The column of the row's time, counted in the tier's own unit from 1970 on.
    var time: String {
        switch self {
        case .seconds: "second"
        case .minutes: "minute"
        case .tenMinutes: "ten_minutes"
        case .hours: "hour"
        }
    }

    /// The number of samples of a row.
    var samples: String { self == .seconds ? "1" : "samples" }

    /// Seconds of a row.
    var resolution: Int64 {
        switch self {
        case .seconds: 1
        case .minutes: 60
        case .tenMinutes: 600
        case .hours: 3600
        }
    }

    /// The table of the metrics where it is not `table`: the history of a week or a year of `/api/v1/system/stats` reads
    /// the rows of minutes and hours alone, which are a quarter of the size.
    var metricsTable: String? {
        switch self {
        case .seconds, .tenMinutes: nil
        case .minutes: "host_minute_metrics"
        case .hours: "host_hour_metrics"
        }
    }

    /// What `HostAggregate(row:)` reads, of `source`.
    var columns: String { "\(time), at, \(samples), \(HostSums.columns), metrics" }

    /// The rows with their metrics, which are NULL where an earlier version has written them.
    var source: String { table + (metricsTable.map { " LEFT JOIN \($0) USING (host, \(time))" } ?? "") }

    /// Reads the rows of a host that have metrics from one time until before another, as `HostAggregate.readMetrics` does.
    var metricsQuery: String {
        let (columns, table) =
            metricsTable.map { ("\(time), newest, counted, 0, 0, 0, 0, 0, 0, 0, 0, metrics", $0) } ?? (columns, table)
        return "SELECT \(columns) FROM \(table) WHERE host = ? AND \(time) >= ? AND \(time) < ?"
    }

    /// Reads likewise the rows that have no metrics and are not of `metricsQuery`; nil where there are none such.
    var earlierQuery: String? {
        guard metricsTable != nil else { return nil }
        return """
            SELECT \(columns) FROM \(source) WHERE host = ? AND \(time) >= ? AND \(time) < ? AND metrics IS NULL
            """
    }
}
