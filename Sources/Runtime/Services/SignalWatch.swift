import CSystem
import Glibc
import Synchronization

/// Reports signals of the process from a thread of its own, and leaves their dispositions as found when it ends.
///
/// Several watches may exist at once: each reports every signal that it names.
package final class SignalWatch: Sendable {
    private let signals: [Int32]
    private let isEnding: Ending
    private let thread: NativeThread

    /// - Parameters:
    ///   - signals: What to catch instead of the disposition in force.
    ///   - report: Called on the watch's thread, once per arrival; arrivals in one instant may be merged by the kernel.
    /// - Throws: `SignalWatchError` for a number that is no signal or cannot be caught.
    package init(_ signals: [Int32], report: @escaping @Sendable (Int32) -> Void) throws(SignalWatchError) {
        let seen = signals.map { flotilla_signal_count($0) }
        for (index, signal) in signals.enumerated() where flotilla_signal_watch(signal) != 0 {
            let code = errno
            for installed in signals[..<index] { flotilla_signal_unwatch(installed) }
            throw SignalWatchError(signal: signal, code: code)
        }
        let isEnding = Ending()
        self.signals = signals
        self.isEnding = isEnding
        thread = NativeThread(name: "signals") {
            Self.watch(signals, seen: seen, until: isEnding, report: report)
        }
    }

    /// Restores the dispositions and waits for the thread. Call once.
    package func stop() {
        isEnding.flag.store(true, ordering: .sequentiallyConsistent)
        _ = flotilla_atomic_add(flotilla_signal_word(), 1)
        _ = flotilla_futex_wake(flotilla_signal_word())
        thread.join()
        for signal in signals { flotilla_signal_unwatch(signal) }
    }

    private static func watch(
        _ signals: [Int32], seen: [UInt32], until ending: Ending, report: (Int32) -> Void
    ) {
        // Should every other thread of the process block a signal, this one still takes it.
        for signal in signals { flotilla_unblock_signal(signal) }
        var seen = seen
        while true {
            let word = flotilla_atomic_load(flotilla_signal_word())
            for (index, signal) in signals.enumerated() {
                let count = flotilla_signal_count(signal)
                while seen[index] != count {
                    seen[index] &+= 1
                    report(signal)
                }
            }
            if ending.flag.load(ordering: .sequentiallyConsistent) { return }
            _ = flotilla_futex_wait(flotilla_signal_word(), word, nil)
        }
    }

    private final class Ending: Sendable {
        let flag = Atomic<Bool>(false)
    }
}

/// A signal that cannot be caught.
package struct SignalWatchError: Error, Sendable, Hashable, CustomStringConvertible {
    package let signal: Int32
    /// The value of `errno`.
    package let code: Int32

    package var description: String { "signal \(signal) cannot be caught (errno \(code))" }
}
