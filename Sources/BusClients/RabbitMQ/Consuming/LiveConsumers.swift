internal import Runtime
internal import Synchronization

/// Something attached to the broker that can be told to leave.
protocol LiveConsumer: AnyObject, Sendable {
    func leave()
    /// Opens when it has left.
    var gone: Latch { get }
}

/// The consumers and subscriptions of one client.
final class LiveConsumers: Sendable {
    private let state = Mutex<[ObjectIdentifier: any LiveConsumer]>([:])

    func add(_ consumer: any LiveConsumer) { state.withLock { $0[ObjectIdentifier(consumer)] = consumer } }

    func remove(_ consumer: any LiveConsumer) { state.withLock { $0[ObjectIdentifier(consumer)] = nil } }

    /// The consumers of one queue.
    func workers(of queue: QueueName) -> [ConsumerWorker] {
        state.withLock { consumers in
            consumers.values.compactMap { $0 as? ConsumerWorker }.filter { $0.queue == queue }
        }
    }

    /// Tells all to leave and waits until they have, but not longer than the limit.
    func endAll(within limit: Duration, time: any TimeSource) async {
        let consumers = state.withLock { Array($0.values) }
        for consumer in consumers { consumer.leave() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for consumer in consumers { await consumer.gone.wait() } }
            // A cancelled sleep ends the wait as well.
            group.addTask { try? await time.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }
}
