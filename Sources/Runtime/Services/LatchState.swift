/// The pure part of `Latch`.
struct LatchState<Waiter> {
    private enum Phase {
        case closed(waiters: [(id: UInt64, waiter: Waiter)])
        case open
    }

    private var phase = Phase.closed(waiters: [])
    private var lastID: UInt64 = 0

    var isOpen: Bool {
        if case .open = phase { true } else { false }
    }

    /// An identifier for one who must wait; nil when nobody must.
    mutating func nextWaiter() -> UInt64? {
        if isOpen { return nil }
        lastID += 1
        return lastID
    }

    /// Whether the waiter is kept; otherwise it goes on at once.
    mutating func register(_ waiter: Waiter, id: UInt64, isCancelled: Bool) -> Bool {
        guard case .closed(var waiters) = phase, !isCancelled else { return false }
        waiters.append((id, waiter))
        phase = .closed(waiters: waiters)
        return true
    }

    /// The waiters to let go on, in the order they came.
    mutating func open() -> [Waiter] {
        guard case .closed(let waiters) = phase else { return [] }
        phase = .open
        return waiters.map(\.waiter)
    }

    /// The waiter to let go on.
    mutating func cancel(_ id: UInt64) -> Waiter? {
        guard case .closed(var waiters) = phase, let index = waiters.firstIndex(where: { $0.id == id }) else {
            return nil
        }
        let waiter = waiters.remove(at: index).waiter
        phase = .closed(waiters: waiters)
        return waiter
    }
}
