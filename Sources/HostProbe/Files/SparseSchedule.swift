/// When something that is expensive to read is due again: after a while, and after longer the more it took, so that it
/// stays a small share of the time.
struct SparseSchedule {
    /// 50 µs of each second.
    private static let share = 20_000

    private let shortest: Duration
    private let longest: Duration
    private var begun: Duration?
    private var due: Duration = .zero

    init(shortest: Duration = .seconds(10), longest: Duration) {
        self.shortest = shortest
        self.longest = longest
    }

    /// - Parameter now: CLOCK_MONOTONIC.
    func isDue(at now: Duration) -> Bool { begun.map { now < $0 || now >= due } ?? true }

    /// - Parameters:
    ///   - now: when the reading began.
    ///   - cost: how long it took.
    mutating func finish(at now: Duration, cost: Duration) {
        begun = now
        due = now + min(max(cost * Self.share, shortest), longest)
    }
}
