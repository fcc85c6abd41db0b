internal import Synchronization

/// The signals of one bus, by what they announce.
final class Signals: Sendable {
    /// What a signal announces.
    enum Subject: Hashable, Sendable {
        case queue(Int64)
        case exchange(Int64)
        case topic(Int64)
    }

    private let signals = Mutex<[Subject: Signal]>([:])

    /// The one signal of a subject.
    func signal(_ subject: Subject) -> Signal {
        signals.withLock { signals in
            if let signal = signals[subject] { return signal }
            let signal = Signal()
            signals[subject] = signal
            return signal
        }
    }

    /// Wakes everyone: another process has written, or the bus closes.
    func raiseAll() {
        for signal in signals.withLock({ Array($0.values) }) { signal.raise() }
    }
}
