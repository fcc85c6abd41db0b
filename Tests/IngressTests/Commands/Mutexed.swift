import Glibc
import Synchronization

/// A dictionary that a test's closures fill.
final class Mutexed<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) { state = Mutex(value) }

    var value: Value { state.withLock { $0 } }

    func set<Element: Sendable>(_ key: String, _ element: Element) where Value == [String: Element] {
        state.withLock { $0[key] = element }
    }
}

func unlinkFile(_ path: String) { _ = unlink(path) }
