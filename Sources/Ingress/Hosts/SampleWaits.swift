internal import Contracts
internal import Runtime
internal import Synchronization

/// Requests that wait until a sample is in the history. Each is a request that HTTP has admitted, so there are no more.
final class SampleWaits: Sendable {
    private struct Wait {
        let host: String
        let at: Timestamp
        let arrived: AsyncStream<Void>.Continuation
    }

    private struct State {
        var waits: [Int: Wait] = [:]
        var next = 0
    }

    private let state = Mutex(State())
    private let time: any TimeSource

    init(time: any TimeSource) { self.time = time }

    /// These samples are in the history now.
    func arrived(_ samples: some Sequence<HostSample>) {
        let woken = state.withLock { state -> [Wait] in
            guard !state.waits.isEmpty else { return [] }
            return samples.flatMap { sample in
                state.waits.values.filter { $0.at == sample.timestamp && $0.host == sample.host }
            }
        }
        for wait in woken { wait.arrived.yield() }
    }

    /// Waits for a sample at most so long; answers whether it is there.
    /// - Parameter isKnown: whether it was there before: looked at once it is waited for, so that none is missed.
    func wait(
        for at: Timestamp, of host: String, atMost limit: Duration, unless isKnown: () -> Bool
    ) async -> Bool {
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(1))
        let number = state.withLock { state in
            state.next += 1
            state.waits[state.next] = Wait(host: host, at: at, arrived: arrived)
            return state.next
        }
        defer { state.withLock { $0.waits[number] = nil } }
        if isKnown() { return true }
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in arrivals { return true }
                return false
            }
            group.addTask { [time] in
                try? await time.sleep(for: limit)
                return false
            }
            let isThere = await group.next() ?? false
            group.cancelAll()
            return isThere
        }
    }
}
