package import Runtime
internal import Synchronization

/// A clock that a test moves: sleepers wake when it is advanced past their deadline.
package final class ManualTime: TimeSource {
    private struct State {
        var now: Timestamp
        var uptime: Duration
        var nextID: UInt64 = 0
        var sleepers: [UInt64: (deadline: Duration, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var cancelled: Set<UInt64> = []
    }

    private let state: Mutex<State>

    /// - Parameter now: Where the wall clock starts; an uptime of 1,000 s goes with it.
    package init(now: Timestamp = Timestamp(microseconds: 1_790_000_000_000_000)) {
        state = Mutex(State(now: now, uptime: .seconds(1000)))
    }

    package var now: Timestamp { state.withLock { $0.now } }

    package var uptime: Duration { state.withLock { $0.uptime } }

    /// The uptimes that somebody sleeps until, in their order.
    package var deadlines: [Duration] { state.withLock { $0.sleepers.values.map(\.deadline).sorted() } }

    /// Moves both clocks on and wakes the sleepers whose time has come.
    package func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            state.uptime += duration
            let due = state.sleepers.filter { $0.value.deadline <= state.uptime }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.deadline < $1.deadline }.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    /// Moves both clocks on without waking anybody, as the first moment after a suspended machine goes on.
    package func skip(by duration: Duration) {
        state.withLock { state in
            state.now = state.now.advanced(by: duration)
            state.uptime += duration
        }
    }

    /// Moves the wall clock alone, as a time server or an operator does.
    package func stepWallClock(by duration: Duration) {
        state.withLock { $0.now = $0.now.advanced(by: duration) }
    }

    package func sleep(until deadline: Duration) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
                    if deadline <= state.uptime { return .success(()) }
                    state.sleepers[id] = (deadline, continuation)
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: id)
                if sleeper == nil { state.cancelled.insert(id) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
        _ = state.withLock { $0.cancelled.remove(id) }
    }
}
