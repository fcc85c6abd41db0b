internal import Synchronization

/// Runs the body for at most `seconds` of real time.
///
/// A body that does not end when it is cancelled is left behind, so that a hanging test fails and the others run.
package func withDeadline<T: Sendable>(
    _ what: String, seconds: Int = 20, _ body: @escaping @Sendable () async throws -> T
) async throws -> T {
    let race = Race<T>()
    let work = Task { race.finish(await Task { try await body() }.cancellingResult) }
    let timer = Task {
        try await Task.sleep(for: .seconds(seconds))
        race.finish(.failure(ConformanceFailure("\(what): nothing within \(seconds) s")))
    }
    defer {
        work.cancel()
        timer.cancel()
    }
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { race.start($0) }
    } onCancel: {
        work.cancel()
    }
}

extension Task where Failure == any Error {
    /// The result; cancelling the caller cancels the task.
    fileprivate var cancellingResult: Result<Success, any Error> {
        get async {
            await withTaskCancellationHandler {
                await result
            } onCancel: {
                cancel()
            }
        }
    }
}

/// Gives the first of several results to one waiter.
private final class Race<T: Sendable>: Sendable {
    private enum State {
        case empty
        case waiting(CheckedContinuation<T, any Error>)
        case finished(Result<T, any Error>)
        case over
    }

    private let state = Mutex(State.empty)

    func start(_ continuation: CheckedContinuation<T, any Error>) {
        let result: Result<T, any Error>? = state.withLock { state in
            if case .finished(let result) = state {
                state = .over
                return result
            }
            state = .waiting(continuation)
            return nil
        }
        if let result { continuation.resume(with: result) }
    }

    func finish(_ result: Result<T, any Error>) {
        let waiter: CheckedContinuation<T, any Error>? = state.withLock { state in
            switch state {
            case .empty:
                state = .finished(result)
                return nil
            case .waiting(let continuation):
                state = .over
                return continuation
            case .finished, .over: return nil
            }
        }
        waiter?.resume(with: result)
    }
}
