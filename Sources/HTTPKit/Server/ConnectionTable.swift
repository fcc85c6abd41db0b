import CHTTP
import Synchronization

/// The open connections. Sockets are shut down under its lock and leave it before they are closed, so that a descriptor
/// that the kernel has given to someone else is never touched.
final class ConnectionTable: Sendable {
    private struct State {
        var clients: [UInt64: ClientConnection] = [:]
        var nextID: UInt64 = 1
        var emptyWaiters: [CheckedContinuation<Void, Never>] = []
        /// A release that came before its wait.
        var isReleased = false
    }

    private let state = Mutex(State())

    /// Every open connection.
    var all: [ClientConnection] { state.withLock { Array($0.clients.values) } }

    var isEmpty: Bool { state.withLock(\.clients.isEmpty) }

    var count: Int { state.withLock(\.clients.count) }

    func makeID() -> UInt64 {
        state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
    }

    /// Adds a connection; true when it is the only one.
    func insert(_ client: ClientConnection) -> Bool {
        state.withLock { state in
            state.clients[client.id] = client
            return state.clients.count == 1
        }
    }

    /// Removes a connection whose socket is about to be closed.
    func remove(_ client: ClientConnection) {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.clients[client.id] = nil
            guard state.clients.isEmpty else { return [] }
            defer { state.emptyWaiters = [] }
            return state.emptyWaiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// The open connection with an id.
    func client(_ id: UInt64) -> ClientConnection? {
        state.withLock { $0.clients[id] }
    }

    /// Closes the connections whose deadlines have passed; returns how many.
    func shutdownExpired(now: Int64) -> Int {
        state.withLock { state in
            var count = 0
            for client in state.clients.values where client.expires(now: now) {
                chttp_shutdown(client.descriptor)
                count += 1
            }
            return count
        }
    }

    /// Closes the connections that are between requests.
    func shutdownIdle() {
        state.withLock { state in
            for client in state.clients.values where client.exchange == nil {
                chttp_shutdown(client.descriptor)
            }
        }
    }

    /// Returns when no connection is open, or when `release()` is called.
    func waitUntilEmpty() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if state.clients.isEmpty || state.isReleased {
                    state.isReleased = false
                    return true
                }
                state.emptyWaiters.append(continuation)
                return false
            }
            if isEmpty { continuation.resume() }
        }
    }

    /// Ends every `waitUntilEmpty()` in progress; where there is none, the next one.
    func release() {
        let waiters = state.withLock { state in
            defer { state.emptyWaiters = [] }
            if state.emptyWaiters.isEmpty { state.isReleased = true }
            return state.emptyWaiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
