internal import Runtime
internal import Synchronization

/// How far one projection is in one source; told by its follower, asked by readiness and metrics.
final class SourceProgress: Sendable {
    private struct State {
        /// The next offset to apply, by partition.
        var next: [Int: Int64] = [:]
        /// Where the source ended when the follower first saw it; nil before.
        var goal: [Int: Int64]?
        var isCaughtUp = false
        /// When something was last read, by the uptime.
        var lastRead: Duration
    }

    private let state: Mutex<State>

    init(now: Duration) { state = Mutex(State(lastRead: now)) }

    var isCaughtUp: Bool { state.withLock { $0.isCaughtUp } }

    /// Records that lie between here and the end of the source.
    func lag(end: [Range<Int64>]) -> Int64 {
        state.withLock { state in
            end.enumerated().reduce(0) { sum, partition in
                let next = max(state.next[partition.offset] ?? 0, partition.element.lowerBound)
                return sum + max(0, partition.element.upperBound - next)
            }
        }
    }

    /// A follower starts at the offsets; `end` is where the source ends now. Answers whether it is now caught up for
    /// the first time.
    func start(at offsets: [Int: Int64], end: [Range<Int64>], now: Duration) -> Bool {
        state.withLock { state in
            state.next = offsets
            state.lastRead = now
            if state.goal == nil {
                // What is below the oldest retained record will never come.
                let goals = end.enumerated().filter { !$0.element.isEmpty }
                    .map { ($0.offset, $0.element.upperBound) }
                state.goal = Dictionary(uniqueKeysWithValues: goals)
            }
            return Self.update(&state)
        }
    }

    /// Records below these offsets are committed. Answers whether it is now caught up for the first time.
    func advance(to offsets: [Int: Int64], now: Duration) -> Bool {
        state.withLock { state in
            state.next.merge(offsets) { max($0, $1) }
            state.lastRead = now
            return Self.update(&state)
        }
    }

    /// Takes the source as caught up when nothing has come for `quiet`: brokers count offsets that carry no record.
    /// Answers how long until it could be; nil when it is caught up.
    func settle(quiet: Duration, now: Duration) -> Duration? {
        state.withLock { state in
            if state.isCaughtUp { return nil }
            guard state.goal != nil else { return quiet }
            let left = quiet - (now - state.lastRead)
            if left <= .zero {
                state.isCaughtUp = true
                return nil
            }
            return left
        }
    }

    private static func update(_ state: inout State) -> Bool {
        guard !state.isCaughtUp, let goal = state.goal else { return false }
        state.isCaughtUp = goal.allSatisfy { (state.next[$0.key] ?? 0) >= $0.value }
        return state.isCaughtUp
    }
}
