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

    /// What `HostAggregate(row:)` reads.
    var columns: String { "\(time), at, \(samples), \(HostSums.columns), metrics" }
}
