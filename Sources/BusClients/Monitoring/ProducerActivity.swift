internal import Runtime
internal import Synchronization

/// The writes to one queue, exchange or topic.
final class ProducerActivity: Sendable {
    private struct State {
        /// When each waiting call began, by its number: numbers grow with time.
        var waiting: [UInt64: Duration] = [:]
        var nextCall: UInt64 = 0
        var lastSuccess: Duration?
    }

    let port: PortHealth.Port
    let target: String
    private let time: any TimeSource
    private let state = Mutex(State())

    init(port: PortHealth.Port, target: String, time: any TimeSource) {
        self.port = port
        self.target = target
        self.time = time
    }

    /// Watches one write.
    func write<T>(_ body: () async throws(BusError) -> T) async throws(BusError) -> T {
        let begun = time.uptime
        let call = state.withLock { state in
            state.nextCall += 1
            state.waiting[state.nextCall] = begun
            return state.nextCall
        }
        do {
            let result = try await body()
            let now = time.uptime
            state.withLock { state in
                state.waiting[call] = nil
                state.lastSuccess = now
            }
            return result
        } catch {
            state.withLock { $0.waiting[call] = nil }
            throw error
        }
    }

    var health: ProducerHealth {
        let now = time.uptime
        let (waiting, oldest, lastSuccess) = state.withLock {
            ($0.waiting.count, $0.waiting.values.min(), $0.lastSuccess)
        }
        let age = oldest.map { max(.zero, now - $0) }
        return ProducerHealth(
            target: target, waiting: waiting, oldestWaiting: age,
            sinceSuccess: lastSuccess.map { max(.zero, now - $0) }, isStuck: age ?? .zero > BusHealth.stuckAfter)
    }
}
