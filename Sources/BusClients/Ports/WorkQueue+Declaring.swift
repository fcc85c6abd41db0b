extension WorkQueue {
    /// Enqueues jobs; makes the queue first if there is none.
    /// - Parameters:
    ///   - jobs: In their order.
    ///   - queue: Where to.
    ///   - options: Of the queue, should it be made.
    /// - Throws: As `enqueue` and `declare`.
    public func enqueue(
        _ jobs: [Job], to queue: QueueName, declaring options: WorkQueueOptions
    ) async throws(BusError) {
        do {
            try await enqueue(jobs, to: queue)
        } catch  where error.code == .unknownQueue {
            try await declare(queue, options)
            try await enqueue(jobs, to: queue)
        }
    }
}
