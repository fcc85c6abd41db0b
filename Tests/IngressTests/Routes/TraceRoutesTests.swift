import BusClients
import BusTestKit
import Contracts
import Runtime
import Testing

@testable import Ingress

/// A client's trace, from its request to whatever is sent on its behalf.
@Suite struct TraceRoutesTests {
    private static let id = "0af7651916cd43dd8448eb211c80319c"
    private static let span = "b7ad6b7169203331"
    private static let headers = [
        "traceparent": "00-\(id)-\(span)-01", "tracestate": "a=1, b=2", "X-Request-ID": "mine",
    ]
    private static let optimize = "/api/v1/hardware/optimize"

    /// Whether it is the client's trace in another's span.
    private func expectContinued(_ trace: TraceContext?, _ what: Comment) {
        #expect(trace?.traceID == Self.id, what)
        #expect(trace?.spanID != Self.span, what)
        #expect(trace?.isSampled == true, what)
        #expect(trace?.state == "a=1,b=2", what)
    }

    /// The first event of an exchange that matches.
    private func event(_ bus: Bus, _ exchange: String, _ pattern: TopicPattern) async throws -> RecordedEvent {
        let events = try await bus.events.subscribe(to: ExchangeName(exchange), matching: [pattern], from: .first)
        return try await withDeadline("an event of \(exchange)") {
            for try await batch in events { if let first = batch.first { return first } }
            throw ConformanceFailure("the bus closed")
        }
    }

    /// The first job of a queue.
    private func job(_ bus: Bus, _ queue: String) async throws -> Message {
        let deliveries = try await bus.queues.consume(QueueName(queue), prefetch: 1)
        return try await withDeadline("a job of \(queue)") {
            for try await batch in deliveries { if let first = batch.first { return first.message } }
            throw ConformanceFailure("the bus closed")
        }
    }

    @Test func aCommandsRecordIsOfTheClientsTrace() async throws {
        try await TestIngress.run { ingress in
            try await ingress.pushing {
                let answer = try await ingress.post(TestIngress.command, headers: Self.headers)
                #expect(answer.status == 200)
            }
            let records = try await ingress.bus.log.read(
                Topic(StreamNames.deviceCommands), partition: 0, from: 0, limit: 10)
            expectContinued(records.first?.record.headers.trace, "the record")
            let body = String(decoding: records.first?.record.value ?? [], as: UTF8.self)
            #expect(!body.contains(Self.id), "the trace is in no body")
            let statuses = try await ingress.bus.log.read(
                Topic(StreamNames.deviceCommandStatus), partition: 0, from: 0, limit: 10)
            #expect(statuses.first?.record.headers.trace == records.first?.record.headers.trace)
        }
    }

    @Test(arguments: ["/api/v1/commands", "/api/v1/commands/batch"])
    func aCommandsJobAndEventAreOfTheIngresssSpan(_ path: String) async throws {
        try await TestIngress.run { ingress in
            let body =
                path.hasSuffix("batch")
                ? #"{"commands":[\#(TestIngress.command),\#(TestIngress.command)]}"# : TestIngress.command
            let headers = Self.headers.merging(["Prefer": "respond-async"]) { $1 }
            let answer = try await ingress.post(body, to: path, headers: headers)
            #expect((200..<300).contains(answer.status))
            let job = try await job(ingress.bus, StreamNames.commandRequests)
            expectContinued(job.headers.trace, "the job")
            let event = try await event(ingress.bus, StreamNames.commandEvents, .all)
            #expect(event.message.headers.trace == job.headers.trace)
        }
    }

    @Test func withoutATraceOneBeginsForEachRequest() async throws {
        try await TestIngress.run { ingress in
            try await ingress.pushing {
                for headers in [[:], ["traceparent": "00-\(Self.id)-\(Self.span)-zz", "tracestate": "a=1"]] {
                    let answer = try await ingress.post(TestIngress.command, headers: headers)
                    #expect(answer.status == 200)
                }
            }
            let records = try await ingress.bus.log.read(
                Topic(StreamNames.deviceCommands), partition: 0, from: 0, limit: 10)
            let traces = records.compactMap { $0.record.headers.trace }
            #expect(Set(traces.map(\.traceID)).count == 2)
            #expect(traces.allSatisfy { $0.traceID != Self.id && $0.state == nil })
        }
    }

    @Test func anOptimizationsMessagesAreOfTheClientsTrace() async throws {
        let queue = StreamNames.optimizeHost("alpha")
        try await TestIngress.run {
            try await $0.queues.declare(QueueName(queue), WorkQueueOptions())
        } _: { ingress in
            let token = try ingress.token(["hardware:*"])
            let answer = try await ingress.client.send(
                "POST", Self.optimize, token: token, headers: Self.headers, body: #"{"optimization_type":"memory"}"#)
            let id = try #require(try answer.json()["task_id"]?.string)
            let job = try await job(ingress.bus, queue)
            expectContinued(job.headers.trace, "the job")
            let requested = try await event(ingress.bus, StreamNames.optimizationEvents, .all)
            #expect(requested.message.headers.trace == job.headers.trace)
            let audit = try await event(ingress.bus, StreamNames.fleetAudit, "audit.optimization_requested")
            #expect(audit.message.headers.trace == job.headers.trace)

            let cancelled = try await ingress.client.send(
                "DELETE", "\(Self.optimize)/\(id)", token: token, headers: Self.headers)
            #expect(cancelled.status == 200)
            let order = try await event(ingress.bus, StreamNames.fleetControl, "session.cancel.*")
            expectContinued(order.message.headers.trace, "the cancellation")
            #expect(order.message.headers.trace != job.headers.trace, "another request has another span")
        }
    }

    @Test func linesOfARequestNameItsTrace() async throws {
        try await TestIngress.run { ingress in
            // No worker, so no queue; no token, so a refusal.
            _ = try await ingress.client.send("POST", "/api/v1/commands", headers: Self.headers, body: "{}")
            _ = try await ingress.client.get("/api/v1/status", headers: Self.headers)
            for event in ["request", "refused"] {
                try await ingress.eventually("the line \(event)") {
                    ingress.log.lines.contains {
                        $0.contains(" \(event) ") && $0.contains("request_id=mine trace_id=\(Self.id)")
                    }
                }
            }
        }
    }

    @Test func commandsThatCouldNotBeStoredAreLoggedWithTheTrace() async throws {
        try await TestIngress.run { ingress in
            await ingress.bus.close()
            let answer = try await ingress.post(TestIngress.command, headers: Self.headers)
            #expect(answer.status == 503)
            let line = ingress.log.lines.first { $0.contains("commands not stored") }
            #expect(line?.contains("request_id=mine trace_id=\(Self.id)") == true, "\(line ?? "none")")
        }
    }
}
