package import BusClients
internal import Contracts
package import HTTPKit
package import Runtime
internal import Synchronization

/// Writes who did what: at once to the log, and soon to `fleet_audit`, from which every ingress can be asked.
///
/// Nobody waits for the bus here. Records that it does not take are kept, up to a bound, and offered again; beyond the
/// bound they are only in the log and counted.
package final class AuditTrail: Sendable {
    /// Records that may wait for the bus.
    private static let capacity = 10_000
    private static let batch = 500
    /// How long a stop waits for the bus.
    private static let farewell: Duration = .seconds(2)
    /// How long things that have no record each are counted together.
    private static let tallyTime: Duration = .seconds(1)
    static let exchange = ExchangeName(StreamNames.fleetAudit)

    /// A record, and the span of the request that it is about.
    private struct Entry: Sendable {
        let record: AuditRecord
        let trace: TraceContext
    }

    private let bus: Bus
    private let time: any TimeSource
    private let logger: Logger
    private let lost: Counter
    private let waiting = Mutex<[Entry]>([])
    private let news: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private let tally = Mutex(AuditTally())
    /// Something has been counted since the counts were taken.
    private let counted: AsyncStream<Void>
    private let wakeForCounts: AsyncStream<Void>.Continuation

    package init(bus: Bus, time: any TimeSource, metrics: MetricsRegistry, logger: Logger) {
        self.bus = bus
        self.time = time
        self.logger = logger.component("audit")
        lost = metrics.counter(
            "flotilla_audit_records_lost_total",
            help: "Audit records that only the log has: the bus took none for long.")
        (news, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (counted, wakeForCounts) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Notes what a request did or was refused.
    /// - Parameters:
    ///   - principal: nil for somebody without valid credentials.
    ///   - target: What it was done to.
    ///   - result: The HTTP status of the answer.
    package func record(
        _ event: String, _ request: HTTPRequest, _ principal: Principal?, on target: String? = nil, result: Int = 200
    ) {
        keep(
            AuditRecord(
                id: SecureRandom.uuid(), at: time.now, event: event, who: principal?.id ?? "unknown",
                name: principal?.username, target: target, result: result, requestID: request.requestID,
                peer: request.client.host), request.trace)
    }

    /// Notes things that a request did, where there may be 100,000 a second: what a principal does from one address
    /// within a second is one record, whose target says how many there were, and the first and the last of them. The
    /// counts of the last second are written at a stop, and lost when the process is killed.
    /// - Parameters:
    ///   - first: The id of the first thing, in the order of the request.
    ///   - last: The id of the last one.
    package func count(
        _ event: String, _ request: HTTPRequest, _ principal: Principal, first: String, last: String, count: Int
    ) {
        let key = AuditTally.Key(event: event, who: principal.id, peer: request.client.host)
        let isFirst = tally.withLock { tally in
            tally.add(key, last: last, count: count) {
                AuditTally.Entry(
                    since: time.now, name: principal.username, requestID: request.requestID, trace: request.trace,
                    first: first, last: last, count: count)
            }
        }
        if isFirst { wakeForCounts.yield() }
    }

    private func keepCounts() {
        for (key, entry) in tally.withLock({ $0.take() }) {
            keep(
                AuditRecord(
                    id: SecureRandom.uuid(), at: entry.since, event: key.event, who: key.who, name: entry.name,
                    target: entry.target, result: 200, requestID: entry.requestID, peer: key.peer), entry.trace)
        }
    }

    private func keep(_ record: AuditRecord, _ trace: TraceContext) {
        logger.notice(
            record.event,
            [
                "who": .string(record.who), "name": .string(record.name ?? ""),
                "target": .string(record.target ?? ""), "result": .int(Int64(record.result)),
                "request_id": .string(record.requestID), "trace_id": .string(trace.traceID),
                "peer": .string(record.peer),
            ])
        let isKept = waiting.withLock { waiting in
            guard waiting.count < Self.capacity else { return false }
            waiting.append(Entry(record: record, trace: trace))
            return true
        }
        if isKept { wake.yield() } else { lost.increment() }
    }

    /// Publishes until it is cancelled, and then for a moment what is left.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in self.news { await self.publish(until: nil) } }
            group.addTask {
                for await _ in self.counted {
                    // Cancelled: the loop ends by itself, and the counts are written below.
                    try? await self.time.sleep(for: Self.tallyTime)
                    self.keepCounts()
                }
            }
        }
        keepCounts()
        // The task is cancelled: what is left is published by one that is not.
        await Task { await self.publish(until: self.time.uptime + Self.farewell) }.value
    }

    private func publish(until deadline: Duration?) async {
        while !Task.isCancelled {
            let batch = waiting.withLock { Array($0.prefix(Self.batch)) }
            guard !batch.isEmpty else { return }
            do throws(BusError) {
                try await bus.events.publish(batch.map(Self.event), to: Self.exchange)
                waiting.withLock { $0.removeFirst(batch.count) }
            } catch {
                logger.warning("audit_not_published", ["error": "\(error)", "waiting": .int(Int64(batch.count))])
                if let deadline, time.uptime >= deadline { return }
                // Cancelled: the loop ends by itself.
                try? await time.sleep(for: .seconds(1))
            }
        }
    }

    private static func event(_ entry: Entry) -> Event {
        let record = entry.record
        let message = Message(id: MessageID(record.id), headers: Headers(trace: entry.trace), body: record.json)
        return Event(routingKey: RoutingKey(StreamNames.audit(record.event)), message: message)
    }
}
