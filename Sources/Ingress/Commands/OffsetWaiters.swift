internal import Runtime
internal import Synchronization

/// Reads that wait until a projection has applied everything below an offset.
final class OffsetWaiters: Sendable {
    private struct State {
        var next: Int64 = 0
        var waiters: [(offset: Int64, waiter: Waiter)] = []
    }

    private let state = Mutex(State())
    private let deadlines: WaitDeadlines

    init(time: any TimeSource) { deadlines = WaitDeadlines(time: time) }

    /// Everything below `next` is applied.
    func advance(to next: Int64) {
        let woken = state.withLock { state -> [Waiter] in
            state.next = max(state.next, next)
            let woken = state.waiters.filter { $0.offset <= state.next }.map(\.waiter)
            if !woken.isEmpty { state.waiters.removeAll { $0.offset <= state.next } }
            return woken
        }
        for waiter in woken { waiter.wake(nil) }
    }

    /// Waits until everything below `offset` is applied, at most so long. At 10,000 waits it does not wait.
    func wait(for offset: Int64, atMost limit: Duration) async {
        let waiter = state.withLock { state -> Waiter? in
            guard state.next < offset, state.waiters.count < 10_000 else { return nil }
            let waiter = Waiter(deadlines)
            state.waiters.append((offset, waiter))
            return waiter
        }
        guard let waiter else { return }
        _ = await waiter.wait(atMost: limit)
        state.withLock { $0.waiters.removeAll { $0.waiter === waiter } }
    }
}
