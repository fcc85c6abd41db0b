internal import Synchronization

/// Bounds what appends have in flight: those beyond wait for room, in the order they came.
final class FlightLimit: Sendable {
    private typealias Waiter = CheckedContinuation<FlightVerdict, Never>

    let limit: FlightCost
    private let state: Mutex<FlightLimitState<Waiter>>

    init(_ limit: FlightCost) {
        self.limit = limit
        state = Mutex(FlightLimitState(limit: limit))
    }

    /// Takes room if there is some and nobody waits for it.
    func takeNow(_ cost: FlightCost) throws(BusError) -> Bool {
        switch state.withLock({ $0.arrive(cost) }) {
        case .admitted: return true
        case .mustWait: return false
        case .closed: throw KafkaCore.closed
        }
    }

    /// Takes room, or waits for it until the deadline; a cancelled task does not wait.
    func take(_ cost: FlightCost, until deadline: Duration) async throws(BusError) {
        switch await wait(state.withLock { $0.nextID() }, cost, until: deadline) {
        case .admitted: return
        case .expired: throw BusError(.unavailable, "the Kafka producer's buffer stayed full; nothing was sent")
        case .cancelled: throw BusError(.unavailable, "the task was cancelled; nothing was sent")
        case .closed: throw KafkaCore.closed
        }
    }

    private func wait(_ id: UInt64, _ cost: FlightCost, until deadline: Duration) async -> FlightVerdict {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let verdict = state.withLock { state in
                    state.register(continuation, id: id, cost: cost, deadline: deadline, isCancelled: Task.isCancelled)
                }
                if let verdict { continuation.resume(returning: verdict) }
            }
        } onCancel: {
            let (cancelled, admitted) = state.withLock { $0.cancel(id) }
            cancelled?.resume(returning: .cancelled)
            for waiter in admitted { waiter.resume(returning: .admitted) }
        }
    }

    /// Gives room back.
    func give(back cost: FlightCost) {
        for waiter in state.withLock({ $0.release(cost) }) { waiter.resume(returning: .admitted) }
    }

    /// Ends the wait of those whose deadline has passed.
    func expire(at now: Duration) {
        let (expired, admitted) = state.withLock { $0.expire(at: now) }
        for waiter in expired { waiter.resume(returning: .expired) }
        for waiter in admitted { waiter.resume(returning: .admitted) }
    }

    /// Ends every wait; nobody is admitted any more.
    func close() {
        for waiter in state.withLock({ $0.close() }) { waiter.resume(returning: .closed) }
    }
}
