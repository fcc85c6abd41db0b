import BusClients
import BusTestKit
import Contracts
import Runtime
import Testing

@testable import OptimizeWorker

@Suite(.timeLimit(.minutes(1)))
struct SessionTraceTests {
    private static let id = "0af7651916cd43dd8448eb211c80319c"
    private static let span = "b7ad6b7169203331"
    private static let headers: Headers = ["traceparent": "00-\(id)-\(span)-01", "tracestate": "a=1"]

    @Test func everyEventContinuesTheTraceOfTheRequest() async throws {
        let bench = try await Workbench()
        try await bench.whileServing([FakeOptimization([FakeOptimization.step("a")])]) { _ in
            try await bench.enqueue(bench.request(), headers: Self.headers)
            let traces = try await bench.events(untilEndOf: "t1").map(\.trace)
            #expect(traces.count == 5)
            let trace = try #require(traces.first ?? nil)
            #expect(traces.allSatisfy { $0 == trace })
            #expect(trace.traceID == Self.id && trace.isSampled && trace.state == "a=1")
            #expect(trace.spanID != Self.span)
        }
    }

    @Test func aRequestWithoutATraceBeginsOne() async throws {
        let bench = try await Workbench()
        try await bench.whileServing([FakeOptimization([])]) { _ in
            for id in ["t1", "t2"] { try await bench.enqueue(bench.request(id, isDryRun: true)) }
            let events = try await bench.events(untilEndOf: "t2")
            for id in ["t1", "t2"] {
                let traces = events.filter { $0.taskID == id }.map { $0.trace?.traceID }
                #expect(Set(traces).count == 1 && !traces.contains(nil), "\(traces)")
            }
            #expect(Set(events.map { $0.trace?.traceID }).count == 2)
        }
    }

    @Test func everyLineNamesTheTrace() async throws {
        let bench = try await Workbench()
        let fake = FakeOptimization([FakeOptimization.step("a")]) { _, _ in throw ConformanceFailure("again") }
        try await bench.whileServing([fake]) { _ in
            let poison = Message(id: "poison", headers: Self.headers, body: Array("{".utf8))
            try await bench.bus.queues.enqueue([Job(poison)], to: bench.queue)
            try await bench.enqueue(bench.request(), headers: Self.headers)
            _ = try await bench.events(untilEndOf: "t1")
        }
        for event in [
            "request_rejected", "session_started", "session_interrupted", "session_resumed", "session_abandoned",
            "session_ended",
        ] {
            let lines = bench.log.lines.filter { $0.contains(#""event":"\#(event)""#) }
            #expect(!lines.isEmpty, "\(event)")
            #expect(lines.allSatisfy { $0.contains(#""trace_id":"\#(Self.id)""#) }, "\(lines)")
            if event.hasPrefix("session") { #expect(lines.allSatisfy { $0.contains(#""session":"t1""#) }, "\(lines)") }
        }
    }

    @Test func aCancellationsLineNamesItsRequestsTrace() async throws {
        let bench = try await Workbench()
        let order = ControlMessage.cancel(.init(sessionID: "t1", requestedBy: "u", requestedAt: bench.time.now))
        let message = Message(id: "c", headers: Self.headers, body: order.json)
        try await bench.bus.events.publish(
            [Event(routingKey: RoutingKey(StreamNames.cancelSession("t1")), message: message)],
            to: ExchangeName(StreamNames.fleetControl))
        // The worker has read what was there before when it has started.
        try await bench.whileServing([FakeOptimization([])]) { _ in }
        let line = bench.log.lines.first { $0.contains(#""event":"cancellation_received""#) }
        #expect(line?.contains(#""trace_id":"\#(Self.id)""#) == true)
    }
}
