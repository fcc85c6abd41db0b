internal import Runtime
internal import Synchronization

/// Wakes those that wait for something new: a generation counter that only grows.
///
/// Look at `generation`, look for work, and if there is none `wait(past:)` that generation: nothing that is raised
/// in between is missed.
final class Signal: Sendable {
    private let state = Mutex(SignalState())

    var generation: UInt64 { state.withLock { $0.generation } }

    /// Wakes everyone who waits.
    func raise() {
        let waiters = state.withLock { $0.raise() }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when the signal was raised past that generation, or the task is cancelled.
    func wait(past generation: UInt64) async {
        let id = state.withLock { $0.makeID() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { $0.register(continuation, id: id, past: generation) }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.cancel(id) }?.resume()
        }
        state.withLock { $0.forget(id) }
    }

    /// As `wait(past:)`, but at most until `uptime` reaches the deadline; nil waits without one.
    func wait(past generation: UInt64, until deadline: Duration?, time: any TimeSource) async {
        guard let deadline else { return await wait(past: generation) }
        guard deadline > time.uptime else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait(past: generation) }
            // A cancelled sleep ends the wait as well.
            group.addTask { try? await time.sleep(until: deadline) }
            await group.next()
            group.cancelAll()
        }
    }
}

/// The pure part of `Signal`.
struct SignalState {
    private(set) var generation: UInt64 = 0
    private var nextID: UInt64 = 0
    private var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    private var cancelled: Set<UInt64> = []

    mutating func makeID() -> UInt64 {
        nextID += 1
        return nextID
    }

    mutating func raise() -> [CheckedContinuation<Void, Never>] {
        generation += 1
        defer { waiters.removeAll(keepingCapacity: true) }
        return Array(waiters.values)
    }

    /// Whether the waiter need not wait.
    mutating func register(_ waiter: CheckedContinuation<Void, Never>, id: UInt64, past: UInt64) -> Bool {
        if cancelled.remove(id) != nil || generation > past { return true }
        waiters[id] = waiter
        return false
    }

    /// The waiter to resume; one that has not registered yet will not wait.
    mutating func cancel(_ id: UInt64) -> CheckedContinuation<Void, Never>? {
        if let waiter = waiters.removeValue(forKey: id) { return waiter }
        cancelled.insert(id)
        return nil
    }

    /// A waiter that was woken and cancelled at once leaves nothing behind.
    mutating func forget(_ id: UInt64) { cancelled.remove(id) }
}
