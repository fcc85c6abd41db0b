internal import Contracts
internal import Runtime
internal import Synchronization

/// Requests that wait until the view knows more of a command.
///
/// At the bound a request does not wait: it is answered with what is known.
final class CommandWaiters: Sendable {
    private struct State {
        var nextToken = 0
        var count = 0
        var waiters: [String: [Int: Waiter]] = [:]
    }

    private let state = Mutex(State())
    private let maximum: Int

    private let deadlines: WaitDeadlines

    init(time: any TimeSource, maximum: Int = 20_000) {
        deadlines = WaitDeadlines(time: time)
        self.maximum = maximum
    }

    /// One request's wait, registered before its command can change; `cancel` ends it.
    struct Registration: Sendable {
        let id: String
        let token: Int
        let waiter: Waiter
    }

    /// - Returns: nil when too many wait.
    func register(_ id: String) -> Registration? {
        state.withLock { state in
            guard state.count < maximum else { return nil }
            state.nextToken += 1
            state.count += 1
            let waiter = Waiter(deadlines)
            state.waiters[id, default: [:]][state.nextToken] = waiter
            return Registration(id: id, token: state.nextToken, waiter: waiter)
        }
    }

    /// Ends a wait. Must follow every registration.
    func cancel(_ registration: Registration) {
        state.withLock { state in
            guard state.waiters[registration.id]?.removeValue(forKey: registration.token) != nil else { return }
            state.count -= 1
            if state.waiters[registration.id]?.isEmpty == true { state.waiters[registration.id] = nil }
        }
    }

    /// Tells what commands have become; called after the commit.
    func changed(_ changes: [(id: String, state: CommandState)]) {
        let woken = state.withLock { state -> [(Waiter, CommandState)] in
            guard state.count > 0 else { return [] }
            var woken: [(Waiter, CommandState)] = []
            for change in changes where change.state != .accepted {
                guard let waiters = state.waiters.removeValue(forKey: change.id) else { continue }
                state.count -= waiters.count
                for waiter in waiters.values { woken.append((waiter, change.state)) }
            }
            return woken
        }
        for (waiter, state) in woken { waiter.wake(state) }
    }
}
