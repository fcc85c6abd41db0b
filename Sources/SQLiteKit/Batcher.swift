internal import Synchronization

/// Performs inputs that wait together in one write: one savepoint, one look at the counters, for all of them.
///
/// Inputs are performed in the order they were submitted. Safe to use from any task.
package final class Batcher<Input: Sendable, Output: Sendable>: Sendable {
    /// Performs the inputs; answers each, in order.
    package typealias Perform = @Sendable ([Input], Connection) throws -> [Output]

    private struct Waiting: Sendable {
        let input: Input
        let completion: @Sendable (Result<Output, any Error>) -> Void
    }

    private let database: Database
    private let perform: Perform
    private let waiting = Mutex<[Waiting]>([])

    package init(_ database: Database, perform: @escaping Perform) {
        self.database = database
        self.perform = perform
    }

    /// Returns once the input's commit is done.
    package func submit(_ input: Input) async throws -> Output {
        try await withCheckedThrowingContinuation { continuation in
            submit(input) { continuation.resume(with: $0) }
        }
    }

    /// Tells `completion`, on the writer's thread, when the input's commit is done or failed.
    package func submit(_ input: Input, completion: @escaping @Sendable (Result<Output, any Error>) -> Void) {
        let count = waiting.withLock {
            guard $0.count < Self.limit else { return Int.max }
            $0.append(Waiting(input: input, completion: completion))
            return $0.count
        }
        guard count != Int.max else {
            completion(.failure(SQLiteError(.busy, message: "too many writes wait")))
            return
        }
        guard count == 1 else { return }
        let batch = Batch()
        database.submit { [self] connection in
            try perform(batch.items(from: self).map(\.input), connection)
        } completion: { [self] result in
            // A write that failed before its body ran has taken nothing: those that wait share its failure.
            let items = batch.items(from: self)
            switch result {
            case .success(let outputs):
                for (item, output) in zip(items, outputs) { item.completion(.success(output)) }
            case .failure(let error):
                for item in items { item.completion(.failure(error)) }
            }
        }
    }

    /// Inputs that may wait; one more fails with `.busy`.
    private static var limit: Int { 65_536 }

    /// What one write has taken from those that wait.
    private final class Batch: Sendable {
        private let taken = Mutex<[Waiting]?>(nil)

        func items(from batcher: Batcher) -> [Waiting] {
            taken.withLock { taken in
                if let taken { return taken }
                let items = batcher.waiting.withLock { waiting in
                    defer { waiting = [] }
                    return waiting
                }
                taken = items
                return items
            }
        }
    }
}
