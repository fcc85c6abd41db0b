internal import Contracts
internal import Runtime
internal import Synchronization

/// One wait for one news; waking comes before or after waiting, once.
final class Waiter: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<CommandState?, Never>)
        case over(CommandState?)
    }

    private let state = Mutex<State>(.idle)
    private let deadlines: WaitDeadlines

    init(_ deadlines: WaitDeadlines) { self.deadlines = deadlines }

    /// Waits at most so long; nil when nothing came, or the task is cancelled.
    func wait(atMost limit: Duration) async -> CommandState? {
        guard limit > .zero else {
            wake(nil)
            return await value()
        }
        let tick = deadlines.add(self, after: limit)
        defer { deadlines.remove(self, at: tick) }
        return await withTaskCancellationHandler {
            await value()
        } onCancel: {
            wake(nil)
        }
    }

    /// Ends the wait; later calls do nothing.
    func wake(_ news: CommandState?) {
        let continuation = state.withLock { state -> CheckedContinuation<CommandState?, Never>? in
            switch state {
            case .idle:
                state = .over(news)
                return nil
            case .waiting(let continuation):
                state = .over(news)
                return continuation
            case .over: return nil
            }
        }
        continuation?.resume(returning: news)
    }

    private func value() async -> CommandState? {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state -> CommandState?? in
                if case .over(let news) = state { return .some(news) }
                state = .waiting(continuation)
                return .none
            }
            if let known { continuation.resume(returning: known) }
        }
    }
}
