internal import Synchronization

/// What has come for a consumer and was not taken yet. Those who put things in bound it.
final class Mailbox<Item: Sendable>: Sendable {
    private let state = Mutex(MailboxState<Item>())

    var isEmpty: Bool { state.withLock { $0.isEmpty } }

    func put(_ items: [Item]) {
        guard !items.isEmpty else { return }
        if let (waiter, items) = state.withLock({ $0.put(items) }) { waiter.resume(returning: items) }
    }

    /// Everything there is, at least one item; nil at the end, or when the task is cancelled.
    func next() async -> [Item]? {
        let id = state.withLock { $0.makeID() }
        defer { state.withLock { $0.forget(id) } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                switch state.withLock({ $0.take(id, continuation) }) {
                case .wait: break
                case .resume(let items): continuation.resume(returning: items)
                }
            }
        } onCancel: {
            state.withLock { $0.cancel(id) }?.resume(returning: nil)
        }
    }

    /// Drops what was not taken.
    func removeAll() { state.withLock { $0.removeAll() } }

    /// Drops what was not taken and ends all waiting. Idempotent.
    func end() {
        for waiter in state.withLock({ $0.end() }) { waiter.resume(returning: nil) }
    }
}

/// The pure part of `Mailbox`.
struct MailboxState<Item: Sendable> {
    typealias Waiter = CheckedContinuation<[Item]?, Never>

    enum TakeAction {
        case wait
        case resume([Item]?)
    }

    private var items: [Item] = []
    private var waiters: [(id: UInt64, waiter: Waiter)] = []
    private var cancelled: Set<UInt64> = []
    private var lastID: UInt64 = 0
    private var isEnded = false

    var isEmpty: Bool { items.isEmpty }

    mutating func makeID() -> UInt64 {
        lastID += 1
        return lastID
    }

    /// The one to give everything to, if somebody waits.
    mutating func put(_ new: [Item]) -> (Waiter, [Item])? {
        guard !isEnded else { return nil }
        guard waiters.isEmpty else { return (waiters.removeFirst().waiter, new) }
        items += new
        return nil
    }

    mutating func take(_ id: UInt64, _ waiter: Waiter) -> TakeAction {
        if cancelled.remove(id) != nil || isEnded { return .resume(nil) }
        if items.isEmpty {
            waiters.append((id, waiter))
            return .wait
        }
        defer { items = [] }
        return .resume(items)
    }

    /// The waiter to resume; one that has not come yet will not wait.
    mutating func cancel(_ id: UInt64) -> Waiter? {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else {
            cancelled.insert(id)
            return nil
        }
        return waiters.remove(at: index).waiter
    }

    /// One that was cancelled after it had its items leaves nothing behind.
    mutating func forget(_ id: UInt64) { cancelled.remove(id) }

    mutating func removeAll() { items = [] }

    mutating func end() -> [Waiter] {
        isEnded = true
        items = []
        defer { waiters = [] }
        return waiters.map(\.waiter)
    }
}
