internal import CSystem
internal import Glibc
internal import Synchronization

/// What other threads hand to a link's thread, with the descriptor that wakes it.
///
/// It is bounded by those who hand over: each waits for its answer, or hands over one piece at a time.
final class LinkInbox: Sendable {
    /// Runs on the link's thread; nil when there is no connection.
    typealias Work = @Sendable (LinkIO?) -> Void

    private struct State {
        var work: [Work] = []
        var isStopping = false
        var isClosed = false
    }

    /// Readable when there is something to take.
    let descriptor: Int32
    private let state = Mutex(State())

    init() throws(BusError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else {
            throw BusError(.unavailable, "no descriptor to wake the connection's thread", underlyingCode: Int(errno))
        }
    }

    deinit { close(descriptor) }

    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Hands over work. Once the thread has ended it runs at once, without a connection.
    func add(_ work: @escaping Work) {
        let (isClosed, mustWake) = state.withLock { state in
            if state.isClosed { return (true, false) }
            state.work.append(work)
            return (false, state.work.count == 1)
        }
        if isClosed { return work(nil) }
        if mustWake { wake() }
    }

    func stop() {
        state.withLock { $0.isStopping = true }
        wake()
    }

    /// Everything handed over, in order.
    func take() -> [Work] {
        var count: UInt64 = 0
        // EAGAIN: nobody has written, there is nothing to reset.
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
        return state.withLock { state in
            defer { state.work.removeAll() }
            return state.work
        }
    }

    /// Refuses to keep work from now on; what is left is returned.
    func end() -> [Work] {
        state.withLock { state in
            state.isClosed = true
            defer { state.work.removeAll() }
            return state.work
        }
    }

    private func wake() {
        var one: UInt64 = 1
        // EAGAIN: the counter is full, so the thread is awake already.
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }
}
