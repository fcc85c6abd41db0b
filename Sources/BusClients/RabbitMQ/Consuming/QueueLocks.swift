internal import Synchronization

/// Lets one piece of work per queue run at a time, in the order it came.
final class QueueLocks: Sendable {
    private struct Line {
        var waiters = Fifo<CheckedContinuation<Void, Never>>()
    }

    /// Queues somebody works on, and who waits for his turn.
    private let lines = Mutex<[QueueName: Line]>([:])

    func run<R: Sendable>(
        _ queue: QueueName, _ body: () async throws(BusError) -> R
    ) async throws(BusError) -> R {
        await withCheckedContinuation { continuation in
            let isFree = lines.withLock { lines in
                guard lines[queue] != nil else {
                    lines[queue] = Line()
                    return true
                }
                lines[queue]?.waiters.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
        defer { leave(queue) }
        return try await body()
    }

    private func leave(_ queue: QueueName) {
        let next = lines.withLock { lines in
            let next = lines[queue]?.waiters.popFirst()
            if next == nil { lines[queue] = nil }
            return next
        }
        next?.resume()
    }
}
