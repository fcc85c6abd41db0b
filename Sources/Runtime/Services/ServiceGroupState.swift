/// The pure part of `ServiceGroup`: what happened decides what is to be done.
struct ServiceGroupState {
    /// What happened.
    enum Event {
        case started(Int)
        case ended(Int, (any Error)?)
        /// The group's own task was cancelled.
        case cancelled
        case signal(Int32)
        /// The deadline that was set with this number has passed.
        case deadline(Int)
    }

    /// What is to be done, in order.
    enum Action {
        case start(Int)
        case askToStop(Int)
        case cancel(Int)
        /// Replaces the deadline in force.
        case setDeadline(Int, Wait)
        case finish((any Error)?)
    }

    /// What a deadline bounds.
    enum Wait { case stop, cancellation }

    private enum Phase {
        case waiting, starting, running, asked, cancelled, ended

        /// Whether the service's task has not ended.
        var isAlive: Bool { self != .waiting && self != .ended }
    }

    private let names: [String]
    private var phases: [Phase]
    private var failure: (any Error)?
    private var isStopping = false
    private var isFinished = false
    private var deadline = 0

    init(names: [String]) {
        self.names = names
        phases = names.map { _ in .waiting }
    }

    mutating func begin() -> [Action] { startNext() }

    mutating func handle(_ event: Event) -> [Action] {
        if isFinished { return [] }
        switch event {
        case .started(let index):
            guard phases[index] == .starting else { return [] }
            phases[index] = .running
            return isStopping ? [] : startNext()
        case .ended(let index, let error): return ended(index, error)
        case .cancelled: return isStopping ? [] : stop()
        case .signal: return isStopping ? cancelAll() : stop()
        case .deadline(let number): return number == deadline ? deadlinePassed() : []
        }
    }

    private mutating func startNext() -> [Action] {
        guard let next = phases.firstIndex(of: .waiting) else { return phases.isEmpty ? finish() : [] }
        phases[next] = .starting
        return [.start(next)]
    }

    private mutating func ended(_ index: Int, _ error: (any Error)?) -> [Action] {
        let wasAsked = phases[index] == .asked
        let mayBeCancelled = wasAsked || phases[index] == .cancelled
        phases[index] = .ended
        if let error, !(mayBeCancelled && error is CancellationError) { note(.failed(names[index], error)) }
        if !isStopping {
            if error == nil { note(.endedUnexpectedly(names[index])) }
            return stop()
        }
        if !phases.contains(where: \.isAlive) { return finish() }
        return wasAsked ? stopNext() : []
    }

    private mutating func stop() -> [Action] {
        isStopping = true
        return stopNext()
    }

    /// Asks the last service that still works; when none is left to be asked, waits for those that were cancelled.
    private mutating func stopNext() -> [Action] {
        if let last = phases.lastIndex(where: { $0 == .starting || $0 == .running }) {
            phases[last] = .asked
            return [.askToStop(last), newDeadline(.stop)]
        }
        return phases.contains(where: \.isAlive) ? [newDeadline(.cancellation)] : finish()
    }

    private mutating func cancelAll() -> [Action] {
        let alive = phases.indices.reversed().filter { phases[$0].isAlive && phases[$0] != .cancelled }
        for index in alive { phases[index] = .cancelled }
        return alive.map { .cancel($0) } + [newDeadline(.cancellation)]
    }

    private mutating func deadlinePassed() -> [Action] {
        guard let asked = phases.firstIndex(of: .asked) else {
            note(.stuck(phases.indices.filter { phases[$0].isAlive }.map { names[$0] }))
            return finish()
        }
        phases[asked] = .cancelled
        return [.cancel(asked)] + stopNext()
    }

    private mutating func newDeadline(_ wait: Wait) -> Action {
        deadline += 1
        return .setDeadline(deadline, wait)
    }

    private mutating func note(_ error: ServiceGroupError) { if failure == nil { failure = error } }

    private mutating func finish() -> [Action] {
        isFinished = true
        return [.finish(failure)]
    }
}
