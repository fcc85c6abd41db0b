import Synchronization

/// What is published and not consumed yet, with a bound that publishers wait at.
final class Backlog: Sendable {
    private struct State {
        var free: Int
        var waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state: Mutex<State>

    init(limit: Int) { state = Mutex(State(free: limit)) }

    /// Returns once there is room for this many more.
    func add(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let hasRoom = state.withLock { state in
                if state.waiting.isEmpty, state.free >= count {
                    state.free -= count
                    return true
                }
                state.waiting.append((count, continuation))
                return false
            }
            if hasRoom { continuation.resume() }
        }
    }

    /// This many were consumed.
    func remove(_ count: Int) {
        let admitted = state.withLock { state in
            state.free += count
            var admitted = 0
            while admitted < state.waiting.count, state.free >= state.waiting[admitted].count {
                state.free -= state.waiting[admitted].count
                admitted += 1
            }
            let continuations = state.waiting.prefix(admitted).map(\.continuation)
            state.waiting.removeFirst(admitted)
            return continuations
        }
        for continuation in admitted { continuation.resume() }
    }
}
