internal import Runtime
internal import SQLiteKit
internal import Synchronization

/// `WorkQueue` on the embedded store: jobs are rows, a delivery is a lease.
final class EmbeddedWorkQueue: WorkQueue {
    private let store: EmbeddedStore
    private let known = Mutex<[QueueName: QueueRecord]>([:])
    private let enqueuing: Batcher<EnqueueRequest, Result<Void, BusError>>

    let features = WorkQueueFeatures(
        deduplicatesWaitingJobs: true, enqueuesAllOrNone: true, boundsLengthExactly: true, keepsPlaceAfterDelay: true,
        changesOptions: true, namesEveryQueue: true)

    var connection: ConnectionHealth { store.connection }

    init(_ store: EmbeddedStore) {
        self.store = store
        enqueuing = Batcher(store.database) { requests, connection in
            try connection.enqueue(requests, now: store.time.now, store: store)
        }
    }

    func declare(_ queue: QueueName, _ options: WorkQueueOptions) async throws(BusError) {
        try queue.validate()
        try await BusError.mapping {
            try await store.database.write { try $0.saveQueue(queue, options) }
        }
        known.withLock { $0[queue] = nil }
        _ = try await record(queue)
    }

    func enqueue(_ jobs: [Job], to queue: QueueName) async throws(BusError) {
        for job in jobs { try job.message.validate() }
        let record = try await record(queue)
        let result = try await BusError.mapping {
            try await enqueuing.submit(EnqueueRequest(queue: record, jobs: jobs))
        }
        try result.get()
    }

    func consume(_ queue: QueueName, prefetch: Int) async throws(BusError) -> Deliveries {
        known.withLock { $0[queue] = nil }
        let record = try await record(queue)
        return Deliveries(try await QueueConsumer.attach(to: record, prefetch: max(1, prefetch), store: store))
    }

    func queueNames() async throws(BusError) -> [QueueName] {
        try await BusError.mapping {
            try await store.database.read { connection in
                try connection.query("SELECT name FROM queues ORDER BY name") { QueueName($0.text(0)) }
            }
        }
    }

    func status(of queue: QueueName) async throws(BusError) -> WorkQueueStatus {
        let record = try await record(queue)
        let now = store.time.now
        let uptime = store.uptime
        return try await BusError.mapping {
            try await store.database.read { try $0.status(of: record, now: now, uptime: uptime) }
        }
    }

    func deadLetters(
        of queue: QueueName, after: DeadLetter.ID?, limit: Int
    ) async throws(BusError) -> [DeadLetter] {
        let record = try await record(queue)
        return try await BusError.mapping {
            try await store.database.read { try $0.deadLetters(of: record, after: after, limit: limit) }
        }
    }

    func replay(_ letters: [DeadLetter.ID], of queue: QueueName) async throws(BusError) -> Int {
        let record = try await record(queue)
        return try await BusError.mapping {
            try await store.database.write { [store] connection in
                let messages = try letters.compactMap { try connection.takeDeadLetter($0, of: record) }
                let request = EnqueueRequest(queue: record, jobs: messages.map { Job($0) })
                for result in try connection.enqueue([request], now: store.time.now, store: store) { try result.get() }
                return messages.count
            }
        }
    }

    func drop(_ letters: [DeadLetter.ID], of queue: QueueName) async throws(BusError) -> Int {
        let record = try await record(queue)
        return try await BusError.mapping {
            try await store.database.write { connection in
                try letters.count { try connection.takeDeadLetter($0, of: record) != nil }
            }
        }
    }

    /// The queue from memory or the store.
    private func record(_ name: QueueName) async throws(BusError) -> QueueRecord {
        if let record = known.withLock({ $0[name] }) { return record }
        let record = try await BusError.mapping {
            try await store.database.read { [signals = store.signals] in try $0.loadQueue(name, signals: signals) }
        }
        guard let record else { throw BusError(.unknownQueue, "no queue is called \(name)") }
        known.withLock { $0[name] = record }
        return record
    }
}
