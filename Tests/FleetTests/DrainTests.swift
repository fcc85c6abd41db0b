import BusTestKit
import Glibc
import Testing

/// How a real process leaves a load balancer.
@Suite(.serialized) struct DrainTests {
    @Test func readyIsFalseWhileItStillServesThenItEnds() async throws {
        let state = try TemporaryFolder()
        let fleet = try await Fleet.up(state.path, ["DRAIN_SECONDS": "3", "LOG_LEVEL": "info"])
        let streaming = try fleet.client()
        try streaming.write(
            Array(
                """
                GET /api/v1/hardware/metrics/stream?interval=1 HTTP/1.1\r
                Host: localhost\r
                Authorization: Bearer \(fleet.token)\r
                \r\n
                """.utf8))
        try await onThread {
            let ready = try fleet.client().send("GET", "/ready")
            #expect(ready.status == 200, "\(ready.text)")
        }
        fleet.process.send(SIGTERM)
        _ = try await withDeadline("the announcement") { await fleet.process.line(containing: "stop announced") }
        try await onThread {
            // New connections are taken still.
            let ready = try fleet.client().send("GET", "/ready")
            #expect(ready.status == 503 && ready.text.contains("stopping"), "\(ready.text)")
            #expect(try fleet.client().send("GET", "/health").status == 200)
            let command = try fleet.client().send("POST", "/api/v1/commands", body: LifecycleTests.command)
            #expect(command.status == 200, "\(command.text)")
        }
        let events = try streaming.readAnswer()
        #expect(events.status == 200)
        let last = events.text.split(separator: "\n").last
        #expect(last?.hasPrefix("retry: ") == true, "\(events.text.suffix(200))")
        let status = try await withDeadline("the end", seconds: 30) { try await fleet.process.wait() }
        #expect(status == 0, "\(fleet.process.text)")
    }
}
