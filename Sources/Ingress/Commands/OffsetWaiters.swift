internal import Runtime
internal import Synchronization

/// Reads that wait until a projection has applied everything of a source's partition below an offset.
final class OffsetWaiters: Sendable {
    private struct Wait {
        let partition: Int
        let offset: Int64
        let waiter: Waiter
    }

    private struct State {
        /// Everything below is applied, by partition.
        var next: [Int: Int64] = [:]
        var waits: [Wait] = []

        func isReached(_ offset: Int64, of partition: Int) -> Bool { next[partition] ?? 0 >= offset }
    }

    private let state = Mutex(State())
    private let deadlines: WaitDeadlines

    init(time: any TimeSource) { deadlines = WaitDeadlines(time: time) }

    /// The source is read from these offsets on, and nothing else of it is applied.
    func begin(at offsets: [Int: Int64]) {
        state.withLock { $0.next = [:] }
        advance(to: offsets)
    }

    /// Everything below these offsets is applied.
    func advance(to offsets: [Int: Int64]) {
        let woken = state.withLock { state -> [Waiter] in
            state.next.merge(offsets) { max($0, $1) }
            let woken = state.waits.filter { state.isReached($0.offset, of: $0.partition) }.map(\.waiter)
            if !woken.isEmpty {
                state.waits = state.waits.filter { !state.isReached($0.offset, of: $0.partition) }
            }
            return woken
        }
        for waiter in woken { waiter.wake(nil) }
    }

    /// Waits until everything of the partition below `offset` is applied, at most so long. At 10,000 waits it does not
    /// wait.
    func wait(for offset: Int64, of partition: Int = 0, atMost limit: Duration) async {
        let waiter = state.withLock { state -> Waiter? in
            guard !state.isReached(offset, of: partition), state.waits.count < 10_000 else { return nil }
            let waiter = Waiter(deadlines)
            state.waits.append(Wait(partition: partition, offset: offset, waiter: waiter))
            return waiter
        }
        guard let waiter else { return }
        _ = await waiter.wait(atMost: limit)
        state.withLock { $0.waits.removeAll { $0.waiter === waiter } }
    }
}
