import Synchronization

/// Hands out numbers from 0 on to any task.
final class Numbers: Sendable {
    private let next = Atomic(0)

    /// The next numbers, as many as asked for.
    func take(_ count: Int = 1) -> Range<Int> {
        let first = next.add(count, ordering: .relaxed).oldValue
        return first..<first + count
    }
}
