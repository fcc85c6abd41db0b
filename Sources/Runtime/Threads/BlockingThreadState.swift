/// The pure part of `BlockingThread`: what waits, and whether the thread sleeps, works or has ended.
struct BlockingThreadState<Work> {
    /// What the caller of `add` must do.
    enum AddAction { case none, wake, startSuccessor, refuse }

    /// What the thread must do.
    enum TakeAction { case perform([Work]), wait, end }

    private enum Phase { case working, idle, ended }

    private var phase = Phase.working
    private var isStopping = false
    private var waiting: [Work] = []

    /// Adds work.
    /// - Parameter isBinding: Whether it must run even after a stop, as a job of an actor must.
    mutating func add(_ work: Work, isBinding: Bool) -> AddAction {
        if isStopping && !isBinding { return .refuse }
        waiting.append(work)
        switch phase {
        case .working: return .none
        case .idle:
            phase = .working
            return .wake
        case .ended:
            phase = .working
            return .startSuccessor
        }
    }

    /// Whether the thread must be woken.
    mutating func stop() -> Bool {
        isStopping = true
        guard phase == .idle else { return false }
        phase = .working
        return true
    }

    mutating func take() -> TakeAction {
        if !waiting.isEmpty {
            defer { waiting = [] }
            return .perform(waiting)
        }
        phase = isStopping ? .ended : .idle
        return isStopping ? .end : .wait
    }
}
