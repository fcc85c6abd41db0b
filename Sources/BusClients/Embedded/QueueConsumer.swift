internal import Runtime
internal import SQLiteKit
internal import Synchronization

/// One consumer of a queue: leases jobs up to its prefetch and settles them in groups.
///
/// It leaves the queue when its sequence ends, or when it and its last unsettled delivery are released.
final class QueueConsumer: BatchSource {
    private let core: Core

    private init(core: Core) { self.core = core }

    static func attach(
        to queue: QueueRecord, prefetch: Int, store: EmbeddedStore
    ) async throws(BusError) -> QueueConsumer {
        let id = try await BusError.mapping {
            try await store.database.write { [presence = store.presence] connection in
                try connection.run(
                    "INSERT INTO consumers (queue, process) VALUES (?, ?)", .integer(queue.id),
                    .integer(presence.process))
                return connection.lastInsertedRow
            }
        }
        let core = Core(id: id, queue: queue, prefetch: prefetch, store: store)
        core.startRenewal()
        return QueueConsumer(core: core)
    }

    func next() async throws(BusError) -> [Delivery]? {
        let deliveries = try await core.next()
        if deliveries == nil { core.detach() }
        return deliveries
    }
}

extension QueueConsumer {
    /// The part that deliveries hold on to until they are settled.
    final class Core: Sendable {
        /// What is in the consumer's hands.
        private struct State {
            /// Deliveries that are not settled, by the token of their lease: a job may be delivered a second time while
            /// the first delivery is still in a handler's hands.
            var unsettled: Set<Int64> = []
            var settlements: [LeaseSettlement] = []
            var isSettling = false
            var isDetached = false
            var renewal: Task<Void, Never>?
        }

        let store: EmbeddedStore
        let queue: QueueRecord
        private let id: Int64
        private let prefetch: Int
        private let state = Mutex(State())
        /// Raised when a settlement makes room for another delivery.
        private let room = Signal()

        init(id: Int64, queue: QueueRecord, prefetch: Int, store: EmbeddedStore) {
            self.id = id
            self.queue = queue
            self.prefetch = prefetch
            self.store = store
        }

        deinit { detach() }

        func startRenewal() {
            let renewal = store.repeating(every: queue.options.leaseDuration / 3) { [weak self] in
                await self?.renew()
            }
            state.withLock { $0.renewal = renewal }
        }

        func next() async throws(BusError) -> [Delivery]? {
            while !Task.isCancelled, !store.isClosing, !state.withLock({ $0.isDetached }) {
                let roomGeneration = room.generation
                let demand = prefetch - state.withLock { $0.unsettled.count }
                guard demand > 0 else {
                    // The deadline is for a bus that closes meanwhile.
                    await room.wait(past: roomGeneration, until: store.time.uptime + .seconds(1), time: store.time)
                    continue
                }
                let generation = queue.signal.generation
                let outcome: LeaseOutcome
                do {
                    outcome = try await lease(demand)
                } catch  where error.isRetriable {
                    store.logger.warning("lease_failed", ["queue": "\(queue.name)", "error": "\(error)"])
                    await pause()
                    continue
                }
                if !outcome.jobs.isEmpty { return deliver(outcome.jobs) }
                await queue.signal.wait(
                    past: generation, until: outcome.nextDeadline.map { .nanoseconds($0) }, time: store.time)
            }
            return nil
        }

        private func lease(_ demand: Int) async throws(BusError) -> LeaseOutcome {
            try await BusError.mapping {
                try await store.database.write { [store, queue, id] connection in
                    let work = LeaseWork(queue: queue, consumer: id, now: store.time.now, uptime: store.uptime)
                    return try work.lease(demand, on: connection)
                }
            }
        }

        /// The store is full or locked: look again in a second, or when something is announced.
        private func pause() async {
            await queue.signal.wait(
                past: queue.signal.generation, until: store.time.uptime + .seconds(1), time: store.time)
        }

        private func deliver(_ jobs: [LeasedJob]) -> [Delivery] {
            state.withLock { state in for job in jobs { state.unsettled.insert(job.token) } }
            return jobs.map { leased in
                Delivery(
                    queue: queue.name, message: leased.message, attempt: leased.attempt, enqueuedAt: leased.enqueuedAt
                ) { settlement in
                    self.settle(LeaseSettlement(job: leased.job, token: leased.token, settlement: settlement))
                }
            }
        }

        private func settle(_ settlement: LeaseSettlement) {
            let mustStart = state.withLock { state in
                guard state.unsettled.remove(settlement.token) != nil else { return false }
                state.settlements.append(settlement)
                defer { state.isSettling = true }
                return !state.isSettling
            }
            if mustStart { flush() }
        }

        /// Sends what is settled; what fails stays and goes with the next renewal.
        private func flush() {
            let sent = SentSettlements()
            store.database.submit { [self] connection in
                let settlements = sent.fill(from: takeSettlements())
                try connection.settle(settlements, of: queue, now: store.time.now, uptime: store.uptime)
                if settlements.contains(where: { $0.settlement != .ack }) {
                    store.announce(queue.signal, after: connection)
                }
            } completion: { [self] result in
                if case .failure(let error) = result { keep(sent.all, after: error) }
                room.raise()
            }
        }

        private func takeSettlements() -> [LeaseSettlement] {
            state.withLock { state in
                state.isSettling = false
                defer { state.settlements = [] }
                return state.settlements
            }
        }

        private func keep(_ settlements: [LeaseSettlement], after error: any Error) {
            store.logger.warning(
                "settlement_failed", ["queue": "\(queue.name)", "count": "\(settlements.count)", "error": "\(error)"])
            state.withLock { state in
                state.settlements.insert(contentsOf: settlements, at: 0)
                state.isSettling = false
            }
        }

        /// Extends the leases of what is unsettled, and sends settlements that failed before.
        func renew() async {
            let (isHolding, mustFlush) = state.withLock { state in
                let mustFlush = !state.settlements.isEmpty && !state.isSettling && !state.isDetached
                if mustFlush { state.isSettling = true }
                return (!state.unsettled.isEmpty || queue.options.singleActiveConsumer, mustFlush)
            }
            if mustFlush { flush() }
            guard isHolding else { return }
            do {
                try await store.database.write { [queue, id, store] connection in
                    if try store.presence.takeOverFromTheDead(connection) {
                        store.announce(queue.signal, after: connection)
                    }
                    try connection.renew(consumer: id, of: queue, uptime: store.uptime)
                }
            } catch {
                store.logger.warning("lease_renewal_failed", ["queue": "\(queue.name)", "error": "\(error)"])
            }
        }

        /// Returns unsettled deliveries to the queue.
        func detach() {
            let (isFirst, renewal) = state.withLock { state in
                defer {
                    state.isDetached = true
                    state.renewal = nil
                }
                return (!state.isDetached, state.renewal)
            }
            guard isFirst else { return }
            renewal?.cancel()
            store.database.submit { [store, queue, id] connection in
                try connection.forgetConsumer(id, isOrderly: true)
                store.announce(queue.signal, after: connection)
            } completion: { [store, queue] result in
                if case .failure(let error) = result, !store.isClosing {
                    store.logger.warning("consumer_detach_failed", ["queue": "\(queue.name)", "error": "\(error)"])
                }
            }
        }
    }

    /// The settlements that one write carries.
    private final class SentSettlements: Sendable {
        private let settlements = Mutex<[LeaseSettlement]>([])

        var all: [LeaseSettlement] { settlements.withLock { $0 } }

        func fill(from taken: [LeaseSettlement]) -> [LeaseSettlement] {
            settlements.withLock { $0 = taken }
            return taken
        }
    }
}
