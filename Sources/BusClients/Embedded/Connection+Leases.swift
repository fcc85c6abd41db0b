internal import Runtime
internal import SQLiteKit

/// A job with the lease under which it was delivered.
struct LeasedJob: Sendable {
    let job: Int64
    let token: Int64
    let attempt: Int
    let message: Message
    let enqueuedAt: Timestamp
}

/// What one look for work found.
struct LeaseOutcome: Sendable {
    var jobs: [LeasedJob] = []
    /// When there may be work without an announcement: a delay ends, a lease expires, an active consumer is silent.
    var nextDeadline: Int64?
    /// Jobs went to the dead letters, and there may be others behind them.
    var hasBuried = false
}

/// One settlement of one delivery.
struct LeaseSettlement: Sendable {
    let job: Int64
    let token: Int64
    let settlement: Settlement
}

/// Performs one look for work of one consumer, inside the writer's transaction.
struct LeaseWork {
    let queue: QueueRecord
    let consumer: Int64
    let now: Timestamp
    let uptime: Int64

    /// Bodies leased at a time, so that a batch of large jobs stays small in memory.
    private static let maximumBytes = 4 << 20

    private var leaseEnd: Int64 { uptime.adding(queue.options.leaseDuration) }

    func lease(_ demand: Int, on connection: Connection) throws -> LeaseOutcome {
        var outcome = LeaseOutcome()
        if queue.options.singleActiveConsumer, let until = try activate(on: connection) {
            outcome.nextDeadline = until
            return outcome
        }
        try reclaimExpired(on: connection)
        var budget = Self.maximumBytes
        try leaseReturned(demand, budget: &budget, into: &outcome, on: connection)
        if outcome.jobs.count < demand, budget > 0 {
            try leaseFresh(demand - outcome.jobs.count, budget: &budget, into: &outcome, on: connection)
        }
        if outcome.jobs.isEmpty { outcome.nextDeadline = outcome.hasBuried ? uptime : try nextDeadline(on: connection) }
        return outcome
    }

    /// Makes this consumer the active one; answers when another's turn ends if it is not over.
    private func activate(on connection: Connection) throws -> Int64? {
        let active = try connection.first(
            "SELECT active_consumer, active_until FROM queues WHERE id = ?", .integer(queue.id)
        ) { (consumer: $0.int(0), until: $0.int(1)) }
        if let active, active.consumer != 0, active.consumer != consumer, active.until > uptime { return active.until }
        try connection.run(
            "UPDATE queues SET active_consumer = ?, active_until = ? WHERE id = ?", .integer(consumer),
            .integer(leaseEnd), .integer(queue.id))
        return nil
    }

    private func reclaimExpired(on connection: Connection) throws {
        try connection.run(
            "UPDATE leases SET token = 0, until = 0 WHERE job >= ? AND job < ? AND token <> 0 AND until <= ?",
            .integer(queue.jobs.lowerBound), .integer(queue.jobs.upperBound), .integer(uptime))
    }

    /// Jobs that were delivered before and are due again; all are older than any fresh one.
    private func leaseReturned(
        _ demand: Int, budget: inout Int, into outcome: inout LeaseOutcome, on connection: Connection
    ) throws {
        var candidates: [Candidate] = []
        try connection.forEach(
            """
            SELECT j.id, j.message_id, j.headers, j.enqueued_at, j.expires_at, j.body, l.attempts, l.reason
            FROM leases l JOIN jobs j ON j.id = l.job
            WHERE l.queue = ? AND l.token = 0 AND l.until <= ? ORDER BY l.job LIMIT ?
            """, .integer(queue.id), .integer(uptime), .integer(Int64(demand))
        ) { row in
            let candidate = Candidate(row, attempts: Int(row.int(6)), reason: row.textOrNil(7))
            // What failed twice may be what ends the worker: delivered alone, it uses up no neighbour's attempts.
            let isSuspect = candidate.attempts >= 2
            if isSuspect, !candidates.isEmpty { return false }
            candidates.append(candidate)
            budget = isSuspect ? 0 : budget - row.byteCount(5)
            return budget > 0
        }
        for candidate in candidates {
            if try buryIfOver(candidate, on: connection) {
                outcome.hasBuried = true
                continue
            }
            let token = Int64.random(in: 1...Int64.max)
            try connection.run(
                "UPDATE leases SET consumer = ?, token = ?, until = ?, attempts = attempts + 1 WHERE job = ?",
                .integer(consumer), .integer(token), .integer(leaseEnd), .integer(candidate.job))
            outcome.jobs.append(candidate.leased(token))
        }
    }

    private func leaseFresh(
        _ demand: Int, budget: inout Int, into outcome: inout LeaseOutcome, on connection: Connection
    ) throws {
        let cursor =
            try connection.first("SELECT cursor FROM queues WHERE id = ?", .integer(queue.id)) { $0.int(0) } ?? 0
        var candidates: [Candidate] = []
        try connection.forEach(
            """
            SELECT id, message_id, headers, enqueued_at, expires_at, body FROM jobs
            WHERE id > ? AND id < ? ORDER BY id LIMIT ?
            """, .integer(max(cursor, queue.jobs.lowerBound)), .integer(queue.jobs.upperBound), .integer(Int64(demand))
        ) { row in
            candidates.append(Candidate(row, attempts: 0, reason: nil))
            budget -= row.byteCount(5)
            return budget > 0
        }
        guard let last = candidates.last else { return }
        for candidate in candidates {
            if try buryIfOver(candidate, on: connection) {
                outcome.hasBuried = true
                continue
            }
            let token = Int64.random(in: 1...Int64.max)
            try connection.run(
                "INSERT INTO leases (job, queue, consumer, token, until, attempts) VALUES (?, ?, ?, ?, ?, 1)",
                .integer(candidate.job), .integer(queue.id), .integer(consumer), .integer(token), .integer(leaseEnd))
            outcome.jobs.append(candidate.leased(token))
        }
        try connection.run("UPDATE queues SET cursor = ? WHERE id = ?", .integer(last.job), .integer(queue.id))
    }

    private func buryIfOver(_ candidate: Candidate, on connection: Connection) throws -> Bool {
        let reason: String
        if let expiry = candidate.expiresAt, expiry <= now.microseconds {
            reason = "expired"
        } else if candidate.attempts >= queue.options.maximumAttempts {
            reason = "attempts exhausted: \(candidate.reason ?? "the worker stopped without settling it")"
        } else {
            return false
        }
        try connection.bury(job: candidate.job, attempts: candidate.attempts, reason: reason, in: queue, now: now)
        return true
    }

    private func nextDeadline(on connection: Connection) throws -> Int64? {
        let until = try connection.first(
            "SELECT min(until) FROM leases WHERE job >= ? AND job < ?", .integer(queue.jobs.lowerBound),
            .integer(queue.jobs.upperBound)
        ) { $0.intOrNil(0) }
        return until ?? nil
    }

    private struct Candidate {
        let job: Int64
        let message: Message
        let enqueuedAt: Timestamp
        let expiresAt: Int64?
        let attempts: Int
        let reason: String?

        init(_ row: Row, attempts: Int, reason: String?) {
            job = row.int(0)
            message = Message(
                id: MessageID(row.text(1)), headers: Headers(encoded: row.blob(2)), body: row.blob(5))
            enqueuedAt = Timestamp(microseconds: row.int(3))
            expiresAt = row.intOrNil(4)
            self.attempts = attempts
            self.reason = reason
        }

        func leased(_ token: Int64) -> LeasedJob {
            LeasedJob(job: job, token: token, attempt: attempts + 1, message: message, enqueuedAt: enqueuedAt)
        }
    }
}

extension Connection {
    /// Settles deliveries; one whose lease was lost is left alone.
    func settle(_ settlements: [LeaseSettlement], of queue: QueueRecord, now: Timestamp, uptime: Int64) throws {
        var acked = 0
        for item in settlements {
            switch item.settlement {
            case .ack:
                let isHeld =
                    try run("DELETE FROM leases WHERE job = ? AND token = ?", .integer(item.job), .integer(item.token))
                    > 0
                if isHeld { acked += try run("DELETE FROM jobs WHERE id = ?", .integer(item.job)) }
            case .retry(let delay, let reason):
                guard let attempts = try attempts(of: item) else { continue }
                if attempts >= queue.options.maximumAttempts {
                    try bury(
                        job: item.job, attempts: attempts, reason: "attempts exhausted: \(reason)", in: queue, now: now)
                } else {
                    try run(
                        "UPDATE leases SET token = 0, until = ?, reason = ? WHERE job = ?",
                        .integer(uptime.adding(max(.zero, delay))), .text(reason), .integer(item.job))
                }
            case .reject(let reason):
                guard let attempts = try attempts(of: item) else { continue }
                try bury(job: item.job, attempts: attempts, reason: reason, in: queue, now: now)
            }
        }
        if acked > 0 {
            try run("UPDATE queues SET length = length - ? WHERE id = ?", .integer(Int64(acked)), .integer(queue.id))
        }
    }

    /// The attempts of a delivery whose lease still holds.
    private func attempts(of item: LeaseSettlement) throws -> Int? {
        try first("SELECT attempts FROM leases WHERE job = ? AND token = ?", .integer(item.job), .integer(item.token)) {
            Int($0.int(0))
        }
    }

    /// Extends every lease of a consumer, and its turn if it is the active one.
    func renew(consumer: Int64, of queue: QueueRecord, uptime: Int64) throws {
        let until = Binding.integer(uptime.adding(queue.options.leaseDuration))
        try run(
            "UPDATE leases SET until = ? WHERE job >= ? AND job < ? AND consumer = ? AND token <> 0", until,
            .integer(queue.jobs.lowerBound), .integer(queue.jobs.upperBound), .integer(consumer))
        try run("UPDATE queues SET active_until = ? WHERE active_consumer = ?", until, .integer(consumer))
    }
}
