/// When the last samples of a host were taken, so that one which comes again is known.
///
/// The metrics worker appends what may have been appended already, and a log keeps both: their positions differ.
struct RecentSamples {
    /// At least as many as a worker has in hand (`MetricsWorkerConfiguration.unsentLimit`).
    static let limit = 128

    /// In the order in which they came, from `oldest` on around.
    private var times: [Int64] = []
    private var oldest = 0
    private var newest = Int64.min

    /// Whether a sample of this time, in microseconds since 1970, is one of the last.
    func contains(_ time: Int64) -> Bool { times.contains(time) }

    /// Notes a sample's time, in microseconds since 1970; answers false when it is one of the last.
    mutating func insert(_ time: Int64) -> Bool {
        if time <= newest, times.contains(time) { return false }
        newest = max(newest, time)
        if times.count < Self.limit {
            times.append(time)
        } else {
            times[oldest] = time
            oldest = (oldest + 1) % Self.limit
        }
        return true
    }
}
