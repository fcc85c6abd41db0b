internal import Synchronization

/// Lets so many exchanges run at once, and so many with one URL: a receiver that hangs holds up no other.
///
/// Those that wait for a receiver which turns out not to answer fail along with the one that found out.
final class WebhookLanes: Sendable {
    private struct State {
        var running: [String: Int] = [:]
        var waiting: [(url: String, continuation: CheckedContinuation<Bool, Never>)] = []
        var isClosed = false

        var total: Int { running.values.reduce(0, +) }
    }

    private let state = Mutex(State())
    private let limit: Int
    private let limitOfURL: Int

    init(limit: Int, limitOfURL: Int) {
        self.limit = max(limit, 1)
        self.limitOfURL = max(limitOfURL, 1)
    }

    /// How many wait for a turn.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// Waits for a turn. False when the receiver did not answer meanwhile, or after `close`.
    func enter(_ url: String) async -> Bool {
        await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> Bool? in
                if state.isClosed { return false }
                if isFree(url, state) {
                    state.running[url, default: 0] += 1
                    return true
                }
                state.waiting.append((url, continuation))
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Ends a turn.
    /// - Parameter isSilent: Whether the receiver did not answer.
    func leave(_ url: String, isSilent: Bool) {
        let resumed = state.withLock { state -> [(CheckedContinuation<Bool, Never>, Bool)] in
            let left = (state.running[url] ?? 1) - 1
            state.running[url] = left > 0 ? left : nil
            var resumed: [(CheckedContinuation<Bool, Never>, Bool)] = []
            if isSilent {
                resumed = state.waiting.filter { $0.url == url }.map { ($0.continuation, false) }
                state.waiting.removeAll { $0.url == url }
            }
            while let next = state.waiting.firstIndex(where: { isFree($0.url, state) }) {
                let waiter = state.waiting.remove(at: next)
                state.running[waiter.url, default: 0] += 1
                resumed.append((waiter.continuation, true))
            }
            return resumed
        }
        for (continuation, answer) in resumed { continuation.resume(returning: answer) }
    }

    /// Lets nobody in any more.
    func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiter in waiting { waiter.continuation.resume(returning: false) }
    }

    private func isFree(_ url: String, _ state: State) -> Bool {
        state.total < limit && state.running[url] ?? 0 < limitOfURL
    }
}
