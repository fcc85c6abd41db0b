internal import Synchronization

/// The sessions that someone wants stopped, of every host: whoever cancels does not know where a session runs.
///
/// Holds the last `capacity`; the older ones are forgotten.
final class CancellationRegistry: Sendable {
    static let capacity = 10_000

    private struct State {
        var sessions: Set<String> = []
        /// In the order they came; a ring once it is full.
        var order: [String] = []
        var next = 0
    }

    private let state = Mutex(State())

    func contains(_ session: String) -> Bool { state.withLock { $0.sessions.contains(session) } }

    func insert(_ session: String) {
        state.withLock { state in
            guard state.sessions.insert(session).inserted else { return }
            guard state.order.count == Self.capacity else { return state.order.append(session) }
            state.sessions.remove(state.order[state.next])
            state.order[state.next] = session
            state.next = (state.next + 1) % Self.capacity
        }
    }
}
