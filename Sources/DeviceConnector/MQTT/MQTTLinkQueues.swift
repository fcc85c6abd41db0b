import CSystem
import Glibc
import Synchronization

/// What goes to the thread of a link and comes back from it, with the descriptor that wakes the thread.
///
/// Messages are bounded by whoever sends them; of events, the thread reads nothing more while `isFull`.
final class MQTTLinkQueues: Sendable {
    private static let fullAt = 4096

    private struct State {
        var messages: [(token: Int, message: MQTTMessage)] = []
        var events: [MQTTLink.Event] = []
        var waiter: CheckedContinuation<Void, Never>?
        var isStopping = false
        var hasEnded = false
    }

    /// Readable when there is something to do.
    let descriptor: Int32
    private let state = Mutex(State())

    init() throws(MQTTError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else { throw MQTTError("no descriptor to wake a thread: errno \(errno)") }
    }

    deinit { close(descriptor) }

    var isStopping: Bool { state.withLock { $0.isStopping } }
    var isFull: Bool { state.withLock { $0.events.count >= Self.fullAt } }

    func send(_ message: MQTTMessage, token: Int) {
        state.withLock { $0.messages.append((token, message)) }
        wake()
    }

    func stop() {
        state.withLock { $0.isStopping = true }
        wake()
    }

    func takeMessages() -> [(token: Int, message: MQTTMessage)] {
        var count: UInt64 = 0
        // EAGAIN: nobody has written, there is nothing to reset.
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
        return state.withLock { state in
            defer { state.messages.removeAll() }
            return state.messages
        }
    }

    func emit(_ events: [MQTTLink.Event]) {
        guard !events.isEmpty else { return }
        let waiter = state.withLock { state in
            state.events += events
            return state.waiter.take()
        }
        waiter?.resume()
    }

    /// No event follows.
    func end() {
        let waiter = state.withLock { state in
            state.hasEnded = true
            return state.waiter.take()
        }
        waiter?.resume()
    }

    /// The next events; nil when the link has ended. One caller at a time.
    func events() async -> [MQTTLink.Event]? {
        while true {
            let (taken, hasEnded) = state.withLock { state in
                defer { state.events.removeAll() }
                return (state.events, state.hasEnded)
            }
            if !taken.isEmpty {
                // The thread may have stopped to read.
                if taken.count >= Self.fullAt { wake() }
                return taken
            }
            if hasEnded { return nil }
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if !state.events.isEmpty || state.hasEnded { return true }
                    state.waiter = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        }
    }

    private func wake() {
        var one: UInt64 = 1
        // EAGAIN: the counter is full, so the thread is awake already.
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }
}
