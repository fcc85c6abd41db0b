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

    package init(bus: Bus, time: any TimeSource, metrics: MetricsRegistry, logger: Logger) {
        self.bus = bus
        self.time = time
        self.logger = logger.component("audit")
        lost = metrics.counter(
            "flotilla_audit_records_lost_total",
            help: "Audit records that only the log has: the bus took none for long.")
        (news, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Notes what a request did or was refused.
    /// - Parameters:
    ///   - principal: nil for somebody without valid credentials.
    ///   - target: What it was done to.
    ///   - result: The HTTP status of the answer.
    package func record(
        _ event: String, _ request: HTTPRequest, _ principal: Principal?, on target: String? = nil, result: Int = 200
    ) {
        let trace = request.trace
        let record = AuditRecord(
            id: SecureRandom.uuid(), at: time.now, event: event, who: principal?.id ?? "unknown",
            name: principal?.username, target: target, result: result, requestID: request.requestID,
            peer: request.client.host)
        logger.notice(
            event,
            [
                "who": .string(record.who), "name": .string(record.name ?? ""), "target": .string(target ?? ""),
                "result": .int(Int64(result)), "request_id": .string(record.requestID),
                "trace_id": .string(trace.traceID), "peer": .string(record.peer),
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
        for await _ in news { await publish(until: nil) }
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
