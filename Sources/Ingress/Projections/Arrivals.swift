internal import Runtime
internal import Synchronization

/// Lets requests wait until a projection has applied what they just published, so that a client reads its own write.
final class Arrivals: Sendable {
    private struct State {
        var nextToken = 0
        var waiters: [String: [Int: AsyncStream<Never>.Continuation]] = [:]
    }

    private let state = Mutex(State())

    /// Performs `publish`, then waits until `key` has arrived, at most so long.
    func awaiting(
        _ key: String, atMost limit: Duration, time: any TimeSource, _ publish: () async throws -> Void
    ) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        let token = state.withLock { state in
            state.nextToken += 1
            state.waiters[key, default: [:]][state.nextToken] = continuation
            return state.nextToken
        }
        defer { remove(key, token) }
        try await publish()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in stream {} }
            group.addTask {
                do { try await time.sleep(for: limit) } catch { return }  // Cancelled: it has arrived.
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// Wakes those that wait for the keys; called after the commit.
    func arrived(_ keys: some Sequence<String>) {
        let woken = state.withLock { state in
            keys.flatMap { key -> [AsyncStream<Never>.Continuation] in
                guard !state.waiters.isEmpty, let waiters = state.waiters.removeValue(forKey: key) else { return [] }
                return Array(waiters.values)
            }
        }
        for continuation in woken { continuation.finish() }
    }

    private func remove(_ key: String, _ token: Int) {
        state.withLock { state in
            state.waiters[key]?[token] = nil
            if state.waiters[key]?.isEmpty == true { state.waiters[key] = nil }
        }
    }
}
