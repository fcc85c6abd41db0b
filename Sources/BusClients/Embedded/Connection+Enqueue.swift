internal import Runtime
internal import SQLiteKit

/// The jobs of one `enqueue` call.
struct EnqueueRequest: Sendable {
    let queue: QueueRecord
    let jobs: [Job]
}

extension Connection {
    /// Adds the jobs of each request, or none of a request whose queue is full.
    func enqueue(
        _ requests: [EnqueueRequest], now: Timestamp, store: EmbeddedStore
    ) throws -> [Result<Void, BusError>] {
        var tails: [Int64: QueueTail] = [:]
        var results: [Result<Void, BusError>] = []
        results.reserveCapacity(requests.count)
        for request in requests {
            var tail = try tails[request.queue.id] ?? loadTail(of: request.queue)
            guard tail.length + request.jobs.count <= request.queue.options.maximumLength else {
                results.append(.failure(BusError(.queueFull, "\(request.queue.name) holds \(tail.length) jobs")))
                continue
            }
            for job in request.jobs { try insert(job, into: request.queue, tail: &tail, now: now) }
            tails[request.queue.id] = tail
            results.append(.success(()))
        }
        for (queue, tail) in tails {
            try run(
                "UPDATE queues SET length = ?, next_number = ? WHERE id = ?", .integer(Int64(tail.length)),
                .integer(tail.nextNumber), .integer(queue))
            store.announce(store.signals.signal(.queue(queue)), after: self)
        }
        return results
    }

    private struct QueueTail {
        var length: Int
        var nextNumber: Int64
    }

    private func loadTail(of queue: QueueRecord) throws -> QueueTail {
        let tail = try first("SELECT length, next_number FROM queues WHERE id = ?", .integer(queue.id)) {
            QueueTail(length: Int($0.int(0)), nextNumber: $0.int(1))
        }
        guard let tail else { throw BusError(.unknownQueue, "no queue is called \(queue.name)") }
        return tail
    }

    private func insert(_ job: Job, into queue: QueueRecord, tail: inout QueueTail, now: Timestamp) throws {
        let timeToLive = job.timeToLive ?? queue.options.timeToLive
        let added = try run(
            """
            INSERT INTO jobs (id, queue, message_id, headers, enqueued_at, expires_at, body)
            VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (queue, message_id) DO NOTHING
            """, .integer(queue.jobs.lowerBound + tail.nextNumber), .integer(queue.id), .text(job.message.id.rawValue),
            .blob(job.message.headers.encoded), .integer(now.microseconds),
            Binding(timeToLive.map { now.microseconds + $0.microseconds }), .blob(job.message.body))
        guard added > 0 else { return }
        tail.nextNumber += 1
        tail.length += 1
    }
}
