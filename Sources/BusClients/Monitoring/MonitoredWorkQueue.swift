/// A work queue that a monitor watches.
final class MonitoredWorkQueue: WorkQueue {
    private let base: any WorkQueue
    private let monitor: BusMonitor

    init(_ base: any WorkQueue, monitor: BusMonitor) {
        self.base = base
        self.monitor = monitor
    }

    var features: WorkQueueFeatures { base.features }
    var connection: ConnectionHealth { base.connection }

    func declare(_ queue: QueueName, _ options: WorkQueueOptions) async throws(BusError) {
        try await base.declare(queue, options)
    }

    func enqueue(_ jobs: [Job], to queue: QueueName) async throws(BusError) {
        try await monitor.producer(.workQueue, queue.rawValue).write { () throws(BusError) in
            try await base.enqueue(jobs, to: queue)
        }
    }

    func consume(_ queue: QueueName, prefetch: Int) async throws(BusError) -> Deliveries {
        let deliveries = try await base.consume(queue, prefetch: prefetch)
        let source = MonitoredSource(
            deliveries.source, activity: monitor.activity(.queue(queue)), monitor: monitor, isCursor: false
        ) { deliveries, activity in
            let batch = activity.handedOut(deliveries.count)
            return deliveries.enumerated().map { index, delivery in
                delivery.watched {
                    activity.settled(batch, index)
                } progressing: {
                    activity.moved()
                }
            }
        }
        return Deliveries(source)
    }

    func status(of queue: QueueName) async throws(BusError) -> WorkQueueStatus { try await base.status(of: queue) }

    func queueNames() async throws(BusError) -> [QueueName] { try await base.queueNames() }

    func deadLetters(of queue: QueueName, after: DeadLetter.ID?, limit: Int) async throws(BusError) -> [DeadLetter] {
        try await base.deadLetters(of: queue, after: after, limit: limit)
    }

    func replay(_ letters: [DeadLetter.ID], of queue: QueueName) async throws(BusError) -> Int {
        try await base.replay(letters, of: queue)
    }

    func drop(_ letters: [DeadLetter.ID], of queue: QueueName) async throws(BusError) -> Int {
        try await base.drop(letters, of: queue)
    }
}
