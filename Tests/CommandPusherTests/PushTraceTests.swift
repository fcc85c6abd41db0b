import BusClients
import BusTestKit
import Contracts
import Runtime
import Testing

@testable import CommandPusher

@Suite struct PushTraceTests {
    private static let id = "0af7651916cd43dd8448eb211c80319c"
    private static let span = "b7ad6b7169203331"
    private static let headers: Headers = ["traceparent": "00-\(id)-\(span)-01", "tracestate": "a=1"]

    @Test func recordsAndStatusesContinueTheTraceOfTheirJob() async throws {
        let fixture = try await PusherFixture()
        try await fixture.enqueue(
            "job", try (0..<10).map { try PusherFixture.line("r\($0)", device: "d\($0)") }, headers: Self.headers)
        let status = try await fixture.pushing {
            for try await records in try await fixture.bus.log.follow(PusherFixture.statusTopic, from: [:]) {
                if let first = records.first { return first.record.headers.trace }
            }
            return nil
        }
        let traces = try await fixture.records().map { $0.record.headers.trace }
        #expect(traces.count == 10)
        let trace = try #require(traces.first ?? nil)
        #expect(traces.allSatisfy { $0 == trace }, "one span for the commands of a job")
        #expect(trace.traceID == Self.id && trace.isSampled && trace.state == "a=1")
        #expect(trace.spanID != Self.span)
        #expect(status == trace)
    }

    @Test(arguments: [[:], ["traceparent": "00-\(id)-0000000000000000-01", "tracestate": "a=1"]] as [Headers])
    func aJobWithoutATraceBeginsOne(_ headers: Headers) async throws {
        let fixture = try await PusherFixture()
        try await fixture.enqueue("1", [try PusherFixture.line("a")], headers: headers)
        try await fixture.enqueue("2", [try PusherFixture.line("b")], headers: headers)
        _ = try await fixture.pushing { try await fixture.statuses(2) }
        let traces = try await fixture.records().compactMap { $0.record.headers.trace }
        #expect(Set(traces.map(\.traceID)).count == 2)
        #expect(traces.allSatisfy { $0.traceID != Self.id && $0.state == nil && !$0.isSampled })
    }

    @Test func aStatusRecordOfSeveralTracesNamesNone() throws {
        func delivery(_ id: String) throws -> Delivery {
            Delivery(
                queue: PusherFixture.queue, message: Message(id: MessageID(id), body: try PusherFixture.line(id)),
                attempt: 1, enqueuedAt: Timestamp(microseconds: 0), settle: { _ in })
        }
        for count in 1...2 {
            var batch = PushBatch(spans: TraceIDSource(), try (0..<count).map { try delivery("\($0)") })
            for line in batch.lines.indices { batch.settle(line, .failed(reason: "x", at: SystemTime().now)) }
            let records = PushStatuses(of: batch, topic: "t").records
            #expect(records.count == 1)
            #expect(records.first?.headers.trace == (count == 1 ? batch.traces.first : nil))
        }
    }

    @Test func everyLineNamesTheTracesOfItsJobs() async throws {
        let fixture = try await PusherFixture()
        let faulty = FaultyLog(fixture.bus.log, faults: [PusherFixture.topic: [.before(.unavailable)]])
        try await fixture.enqueue("poison", [Array("{".utf8)], headers: Self.headers)
        try await fixture.enqueue("job", [try PusherFixture.line("a")], headers: Self.headers)
        try await fixture.pushing(log: faulty) {
            _ = try await fixture.statuses(1)
            try await fixture.drained()
        }
        for event in ["job rejected", "push failed", "pushed"] {
            let lines = fixture.log.lines.filter { $0.contains(#""event":"\#(event)""#) }
            #expect(lines.contains { $0.contains(#""trace_id":"\#(Self.id)""#) }, "\(event): \(lines)")
        }
    }
}
