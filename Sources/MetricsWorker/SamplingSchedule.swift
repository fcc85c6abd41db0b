/// When samples are due: at start + n × interval, so that the time a sample takes adds up to no drift.
struct SamplingSchedule {
    let start: Duration
    let interval: Duration
    private var index: Int64 = 0

    init(start: Duration, interval: Duration) {
        self.start = start
        self.interval = interval
    }

    /// When the interval becomes another one: the next sample is due an interval after the last, or now where that is
    /// over, and not more than one at once.
    init(after last: Duration?, interval: Duration, now: Duration) {
        self.init(start: max(last.map { $0 + interval } ?? now, now), interval: interval)
    }

    /// When the next sample is due, as an uptime.
    var deadline: Duration { start + interval * index }

    /// Goes to the first deadline that has not passed. Returns how many were missed on the way: the host was
    /// suspended, or too busy.
    mutating func advance(now: Duration) -> Int {
        index += 1
        guard deadline < now else { return 0 }
        let due = Int64(((now - start) / interval).rounded(.up))
        let missed = max(due - index, 0)
        index += missed
        return Int(missed)
    }
}
