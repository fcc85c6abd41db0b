import Synchronization

/// The lock and the continuations of `Latch`.
final class LatchStorage: Sendable {
    private let state = Mutex(LatchState<CheckedContinuation<Void, Never>>())

    var isOpen: Bool { state.withLock { $0.isOpen } }

    func open() {
        for waiter in state.withLock({ $0.open() }) { waiter.resume() }
    }

    func wait() async {
        guard let id = state.withLock({ $0.nextWaiter() }) else { return }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // A task is marked cancelled before its handler runs, so of the handler and this check inside the lock
                // at least one sees the other.
                let isWaiting = state.withLock { $0.register(continuation, id: id, isCancelled: Task.isCancelled) }
                if !isWaiting { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.cancel(id) }?.resume()
        }
    }
}
