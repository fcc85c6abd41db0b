import BusClients
import BusTestKit
import Contracts
import Glibc
import Runtime
import Testing

/// One request followed through a whole fleet, and what the fleet then says of itself.
@Suite(.serialized) struct ObservabilityTests {
    private static let id = "0af7651916cd43dd8448eb211c80319c"
    private static let span = "b7ad6b7169203331"
    private static let headers = ["traceparent": "00-\(id)-\(span)-01", "X-Request-ID": "mine"]
    private static let optimize = "/api/v1/hardware/optimize"

    private func series(_ name: String, in text: String) -> [Substring] {
        text.split(separator: "\n").filter { $0.hasPrefix(name) }
    }

    @Test func aTraceGoesFromTheRequestToTheTopicAndTheEvents() async throws {
        let state = try TemporaryFolder()
        let storage = try TemporaryFolder()
        try storage.write("old", to: "notes.txt")
        let fleet = try await Fleet.up(state.path, ["LOG_LEVEL": "debug", "STORAGE_ROOTS": storage.path])
        let session = try await eventually("an optimization is taken") {
            let client = try fleet.client()
            let answer = try client.send(
                "POST", Self.optimize, headers: Self.headers, body: #"{"optimization_type":"disk"}"#)
            return try JSONDocument(parsing: answer.body).root["task_id"]?.string
        }
        try await onThread {
            let answer = try fleet.client().send(
                "POST", "/api/v1/commands", headers: Self.headers, body: LifecycleTests.command)
            #expect(answer.status == 200, "\(answer.text)")
        }
        let metrics = try await eventually("the session has ended") {
            let text = try fleet.client().send("GET", "/metrics").text
            return text.contains(#"flotilla_optimization_sessions_total{type="disk",status="completed"} 1"#)
                ? text : nil
        }
        #expect(series(#"hardware_optimizer_duration_seconds_count{operation="disk"} 1"#, in: metrics).count == 1)
        #expect(
            !series(#"hardware_optimizer_requests_total{endpoint="\#(Self.optimize)",status="200"}"#, in: metrics)
                .isEmpty)
        let analyzed = series("hardware_optimizer_storage_analyzed_bytes ", in: metrics).first
        let bytes = try #require(analyzed?.split(separator: " ").last.flatMap { Double($0) })
        #expect(bytes > 0)
        #expect(series("hardware_optimizer_memory_freed_bytes ", in: metrics).isEmpty, "nothing was freed")
        #expect(metrics.contains("# TYPE hardware_optimizer_memory_freed_bytes gauge"))
        #expect(series("flotilla_command_accepted_to_published_seconds_count 1", in: metrics).count == 1)

        let bus = try await EmbeddedBus.open(EmbeddedBusConfiguration(folder: state.path))
        let records = try await bus.log.read(Topic(StreamNames.deviceCommands), partition: 0, from: 0, limit: 10)
        let record = try #require(records.first?.record.headers.trace)
        #expect(record.traceID == Self.id && record.spanID != Self.span && record.isSampled)
        let events = try await bus.events.subscribe(
            to: ExchangeName(StreamNames.optimizationEvents), matching: ["optimization.session.completed"], from: .first
        )
        let event = try await withDeadline("the event") {
            for try await batch in events { if let first = batch.first { return first } }
            throw ChildFailure("the bus closed")
        }
        let trace = try #require(event.message.headers.trace)
        #expect(trace.traceID == Self.id && trace.spanID != Self.span && trace.spanID != record.spanID)
        await bus.close()
        #expect(try await fleet.stop() == 0)
        for line in ["request ", "optimization_requested ", "session_started ", "session_ended ", "pushed "] {
            let found = fleet.process.text.split(separator: "\n").contains {
                $0.contains(" \(line)") && $0.contains("trace_id=\(Self.id)")
            }
            #expect(found, "no line \(line)of the trace, session \(session)")
        }
    }
}
