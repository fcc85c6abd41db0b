import BusTestKit
import Contracts
import Glibc
import Runtime
import Testing

/// What the processes of a fleet tell their operator.
@Suite(.serialized) struct StatusTests {
    @Test func aWorkerAnswersOnItsStatusPort() async throws {
        let state = try TemporaryFolder()
        let worker = try ChildProcess(
            Fleet.program, ["metrics-worker"],
            environment: Fleet.environment(state.path, ["STATUS_PORT": "0", "LOG_LEVEL": "info"]))
        let line = try await withDeadline("it listens") { await worker.line(containing: "listening") }
        let url = try #require(line?.split(separator: "127.0.0.1:").last)
        let port = try #require(UInt16(url.prefix { $0.isNumber }))
        let ready = try await eventually("it is ready") {
            let answer = try HTTPClient(port: port, token: "").send("GET", "/ready", authorized: false)
            return answer.status == 200 ? answer : nil
        }
        #expect(try JSONDocument(parsing: ready.body).root["status"]?.string == "ready")
        let health = try await eventually("its samples are on the bus") {
            let answer = try HTTPClient(port: port, token: "").send("GET", "/health", authorized: false)
            return answer.text.contains("host_metrics") ? answer : nil
        }
        let bus = try JSONDocument(parsing: health.body).root["bus"]
        #expect(bus?["ready"]?.bool == true)
        #expect(bus?["ports"]?.count == 3)
        let metrics = try await eventually("its figures are sampled") {
            let answer = try HTTPClient(port: port, token: "").send("GET", "/metrics", authorized: false)
            return answer.text.contains("flotilla_bus_ready 1") ? answer : nil
        }
        #expect(metrics.text.contains(#"flotilla_bus_connected{port="message_log",transport="embedded"} 1"#))
        worker.send(SIGTERM)
        #expect(try await withDeadline("it ends") { try await worker.wait() } == 0)
    }

    @Test func queuesHealthShowsEveryProcessAndIsAProbe() async throws {
        let state = try TemporaryFolder()
        let empty = try ChildProcess(
            Fleet.program, ["queues", "health"], environment: Fleet.environment(state.path))
        #expect(try await empty.wait() == 3, "\(empty.text)")
        let fleet = try await Fleet.up(state.path)
        let report = try ChildProcess(
            Fleet.program, ["queues", "health", "--json"], environment: Fleet.environment(state.path))
        #expect(try await report.wait() == 0, "\(report.text)")
        let root = try JSONDocument(parsing: Array(report.text.utf8)).root
        #expect(root["process"]?.string == "up")
        #expect(root["pid"]?.int == Int(fleet.process.pid))
        let table = try ChildProcess(Fleet.program, ["queues"], environment: Fleet.environment(state.path))
        #expect(try await table.wait() == 0)
        #expect(table.text.contains("command.requests") && table.text.contains("embedded connected"), "\(table.text)")
        try await fleet.killHard()
        let after = try ChildProcess(
            Fleet.program, ["queues", "health"], environment: Fleet.environment(state.path))
        #expect(try await after.wait() == 3, "a dead process is not reported: \(after.text)")
    }
}
