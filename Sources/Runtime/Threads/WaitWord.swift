import CSystem

/// A counter that a thread can sleep on: a futex.
///
/// `@unchecked Sendable`: the word is only read and changed by atomic operations.
final class WaitWord: @unchecked Sendable {
    private let word: UnsafeMutablePointer<UInt32>

    init() {
        word = .allocate(capacity: 1)
        word.initialize(to: 0)
    }

    deinit { word.deallocate() }

    var value: UInt32 { flotilla_atomic_load(word) }

    /// Changes the value and wakes whoever waits.
    func change() {
        _ = flotilla_atomic_add(word, 1)
        // Fails only for a bad address.
        _ = flotilla_futex_wake(word)
    }

    /// Blocks the thread while the value is the given one. May return early: look again.
    func wait(whileEqualTo value: UInt32) { _ = flotilla_futex_wait(word, value, nil) }
}
