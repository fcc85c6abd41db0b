internal import Runtime
internal import Synchronization

/// How a link stands, and those who wait for it.
final class LinkGate: Sendable {
    /// Where the connection is in its life. Each connection has an epoch of its own, counted from 1.
    enum Phase: Sendable, Hashable {
        /// Not connected, and why; the thread keeps trying.
        case connecting(BusError)
        /// Connected; what was declared is being declared again.
        case restoring(epoch: Int)
        case ready(epoch: Int)
        case closed
    }

    struct Standing: Sendable {
        var phase: Phase
        /// Why the broker takes no messages; nil when it does.
        var blocked: String?
        var since: Timestamp
    }

    private let state: Mutex<Standing>
    private let changed = Signal()
    private let time: any TimeSource

    init(time: any TimeSource) {
        self.time = time
        state = Mutex(Standing(phase: .connecting(BusError(.unavailable, "not connected yet")), since: time.now))
    }

    var standing: Standing { state.withLock { $0 } }

    /// The epoch of the current connection.
    var epoch: Int? {
        switch standing.phase {
        case .restoring(let epoch), .ready(let epoch): epoch
        case .connecting, .closed: nil
        }
    }

    /// Nil when the link is ready, else why it is not.
    var obstacle: BusError? { Self.obstacle(standing.phase) }

    /// Moves to a phase, unless the link is closed or `allowed` refuses the one it is in.
    @discardableResult
    func move(to phase: Phase, if allowed: (Phase) -> Bool = { _ in true }) -> Bool {
        let now = time.now
        let hasMoved = state.withLock { state in
            guard state.phase != .closed, allowed(state.phase) else { return false }
            if Self.isBroken(phase) != Self.isBroken(state.phase) || phase == .closed { state.since = now }
            state.phase = phase
            if Self.obstacle(phase) != nil { state.blocked = nil }
            return true
        }
        if hasMoved { changed.raise() }
        return hasMoved
    }

    func block(_ reason: String?) {
        let now = time.now
        state.withLock { state in
            if (state.blocked == nil) != (reason == nil) { state.since = now }
            state.blocked = reason
        }
        changed.raise()
    }

    /// Waits until the link is ready and takes messages; nil when it is closed or the task is cancelled.
    func untilReady() async -> Int? {
        while !Task.isCancelled {
            let generation = changed.generation
            let standing = standing
            if standing.phase == .closed { return nil }
            if case .ready(let epoch) = standing.phase, standing.blocked == nil { return epoch }
            await changed.wait(past: generation)
        }
        return nil
    }

    /// Waits for a connection other than the given one that is to be restored; nil when the link is closed or the task
    /// is cancelled.
    func nextConnection(after last: Int) async -> Int? {
        while !Task.isCancelled {
            let generation = changed.generation
            let phase = standing.phase
            if phase == .closed { return nil }
            if case .restoring(let epoch) = phase, epoch != last { return epoch }
            await changed.wait(past: generation)
        }
        return nil
    }

    /// Waits until the link's thread has ended; a cancelled task waits as well, for nothing may outlive the link.
    func untilClosed() async {
        while standing.phase != .closed {
            let generation = changed.generation
            if standing.phase == .closed { return }
            let wait = Task { await changed.wait(past: generation) }
            await wait.value
        }
    }

    private static func isBroken(_ phase: Phase) -> Bool {
        if case .ready = phase { false } else { true }
    }

    private static func obstacle(_ phase: Phase) -> BusError? {
        switch phase {
        case .ready: nil
        case .connecting(let error): error
        case .restoring: BusError(.unavailable, "the connection to RabbitMQ is being restored")
        case .closed: BusError(.closed, "the bus is closed")
        }
    }
}
