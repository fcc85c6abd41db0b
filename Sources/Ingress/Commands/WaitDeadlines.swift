internal import Runtime
internal import Synchronization

/// Ends the waits whose time is over: one timer for all of them, where a timer for each would cost a request more than
/// its command.
///
/// Deadlines are rounded up to the next tick. A task sleeps only while something waits, until the earliest deadline.
final class WaitDeadlines: Sendable {
    private struct State {
        var waiters: [Int64: [ObjectIdentifier: Waiter]] = [:]
        /// The tick that the task in charge sleeps for.
        var armed: Int64?
    }

    /// 10 ms.
    private static let tick: Duration = .milliseconds(10)

    private let time: any TimeSource
    private let state = Mutex(State())

    init(time: any TimeSource) { self.time = time }

    /// The tick at which the waiter is woken; `remove` takes it.
    func add(_ waiter: Waiter, after limit: Duration) -> Int64 {
        let tick = Int64((time.uptime + limit) / Self.tick) + 1
        let mustStart = state.withLock { state in
            state.waiters[tick, default: [:]][ObjectIdentifier(waiter)] = waiter
            if let armed = state.armed, armed <= tick { return false }
            state.armed = tick
            return true
        }
        if mustStart { Task { await run(from: tick) } }
        return tick
    }

    func remove(_ waiter: Waiter, at tick: Int64) {
        state.withLock { state in
            state.waiters[tick]?[ObjectIdentifier(waiter)] = nil
            if state.waiters[tick]?.isEmpty == true { state.waiters[tick] = nil }
        }
    }

    private func run(from first: Int64) async {
        var armed: Int64? = first
        while let tick = armed {
            // Cannot be cancelled: nobody holds this task.
            do { try await time.sleep(until: Self.tick * Double(tick)) } catch { return }
            armed = wake(through: max(tick, Int64(time.uptime / Self.tick)), asTaskFor: tick)
        }
    }

    /// Wakes who is due; the tick to sleep for next, nil when nothing waits or another task is in charge.
    private func wake(through now: Int64, asTaskFor tick: Int64) -> Int64? {
        let (due, next) = state.withLock { state -> ([Waiter], Int64?) in
            let ticks = state.waiters.keys.filter { $0 <= now }
            let due = ticks.flatMap { state.waiters.removeValue(forKey: $0).map { Array($0.values) } ?? [] }
            guard state.armed == tick else { return (due, nil) }
            state.armed = state.waiters.keys.min()
            return (due, state.armed)
        }
        for waiter in due { waiter.wake(nil) }
        return next
    }
}
