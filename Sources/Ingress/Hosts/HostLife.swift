internal import Runtime

/// What tells whether a host still reports.
struct HostLife: Sendable {
    /// When its last sample reached the log, by the log's clock.
    let heardAt: Timestamp
    /// Seconds between two samples, as the host says.
    let interval: Double

    /// Time between two samples; what a record says is not believed beyond a day.
    var ownInterval: Duration { .seconds(min(max(interval, 0), 86_400)) }

    /// Whether the host has been silent for 3 intervals, or was heard so far in the future that the clock was set back.
    func isStale(now: Timestamp, interval standard: Duration) -> Bool {
        let limit = max(ownInterval, standard) * 3
        let silence = now.duration(since: heardAt)
        return silence > limit || silence < .zero - limit
    }
}
