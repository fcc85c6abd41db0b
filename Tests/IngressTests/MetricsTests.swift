import BusClients
import BusTestKit
import Contracts
import Runtime
import Testing

@testable import Ingress

/// What `/metrics` says of requests, commands and optimizations.
@Suite struct MetricsTests {
    private static let published = "flotilla_command_accepted_to_published_seconds"
    private static let acknowledged = "flotilla_command_published_to_acknowledged_seconds"

    /// Waits until a series has a value.
    private func expect(_ series: String, _ value: Double, _ ingress: TestIngress) async throws {
        try await ingress.eventually("\(series) is \(value)") {
            try await self.value(series, ingress) == value
        }
    }

    /// Nil where the series is not shown.
    private func value(_ series: String, _ ingress: TestIngress) async throws -> Double? {
        let text = try await ingress.client.get("/metrics").text
        return text.split(separator: "\n").first { $0.hasPrefix(series + " ") }
            .flatMap { Double($0.dropFirst(series.count + 1)) }
    }

    private func acknowledge(_ id: String, _ ingress: TestIngress) async throws {
        let record =
            #"{"command_type":"feedback","device_id":"x","request_id":"\#(id)","payload":{"status":"success"},"protocol":"mqtt"}"#
        let topic = Topic(StreamNames.deviceCommands)
        try await ingress.bus.ensure([.log(topic)])
        _ = try await ingress.bus.log.append([LogRecord(key: "x", value: Array(record.utf8))], to: topic)
    }

    /// Says as a pusher does that a command was published, 100 s after it was accepted.
    private func report(_ id: String, _ publishedAt: Timestamp, _ ingress: TestIngress) async throws {
        var writer = JSONWriter()
        PublishedCommands(publishedAt: publishedAt, topic: "t", queue: "q", messageID: "m").begin(&writer)
        let acceptedAt = publishedAt.advanced(by: .seconds(-100)).microseconds
        writer.raw(Array(#"["\#(id)","d","c","mqtt",null,\#(acceptedAt),null,0,9]"#.utf8))
        PublishedCommands.end(&writer)
        _ = try await ingress.bus.log.append(
            [LogRecord(key: id, value: writer.bytes)], to: Topic(StreamNames.deviceCommandStatus))
    }

    @Test func commandsAreMeasuredFromTheTimesOfTheirRecords() async throws {
        let folder = try TemporaryFolder()
        try await TestIngress.run(in: folder) { ingress in
            // Before the device's answer to it.
            let publishedAt = SystemTime().now
            try await ingress.pushing {
                let id = try await ingress.post(TestIngress.command).json()["request_id"]?.string ?? ""
                try await expect("\(Self.published)_count", 1, ingress)
                #expect(try await value("\(Self.acknowledged)_count", ingress) == 0)
                // A second word of the device changes nothing.
                try await acknowledge(id, ingress)
                try await acknowledge(id, ingress)
                try await acknowledge("unknown", ingress)
                try await expect("\(Self.acknowledged)_count", 1, ingress)
                // The device is quicker than the status.
                try await acknowledge("early", ingress)
            }
            try await ingress.eventually("the answer is applied") {
                try await value(
                    #"flotilla_projection_records_total{projection="commands",source="device_commands"}"#, ingress) == 5
            }
            try await report("early", publishedAt, ingress)
            try await expect("\(Self.published)_count", 2, ingress)
            #expect(try await value("\(Self.acknowledged)_count", ingress) == 2)
            let sum = try #require(try await value("\(Self.published)_sum", ingress))
            #expect(sum > 100 && sum < 120, "100 s are the second one's: \(sum)")
        }
        for suffix in ["", "-wal", "-shm"] { unlinkFile(folder.path + "/views.db" + suffix) }
        try await TestIngress.run(in: folder) { ingress in
            try await ingress.eventually("the view is built again") {
                try await ingress.commandStatus("early").status == 200
            }
            #expect(try await value("\(Self.published)_count", ingress) == 0, "what was before does not count again")
            #expect(try await value("\(Self.acknowledged)_count", ingress) == 0)
        }
    }

    @Test func requestsOfTheHardwareRoutesAreCountedByPattern() async throws {
        let queue = QueueName(StreamNames.optimizeHost("alpha"))
        try await TestIngress.run {
            try await $0.queues.declare(queue, WorkQueueOptions())
        } _: { ingress in
            let path = "/api/v1/hardware/optimize"
            let token = try ingress.token(["hardware:*"])
            for id in ["a", "b"] { #expect(try await ingress.client.get("\(path)/\(id)", token: token).status == 404) }
            _ = try await ingress.client.get(path)
            _ = try await ingress.client.get("/api/v1/system/stats", token: token)
            _ = try await ingress.client.get("/api/v1/hardware/nothing")
            for type in ["disk", "memory", "memory"] {
                _ = try await ingress.client.send(
                    "POST", path, token: token, body: #"{"optimization_type":"\#(type)"}"#)
            }
            let total = "hardware_optimizer_requests_total"
            try await expect(#"\#(total){endpoint="\#(path)/{task_id}",status="404"}"#, 2, ingress)
            try await expect(#"\#(total){endpoint="\#(path)",status="401"}"#, 1, ingress)
            try await expect(#"\#(total){endpoint="\#(path)",status="200"}"#, 3, ingress)
            try await expect(#"flotilla_optimizations_requested_total{type="memory"}"#, 2, ingress)
            try await expect(#"flotilla_optimizations_requested_total{type="disk"}"#, 1, ingress)
            let text = try await ingress.client.get("/metrics").text
            let series = text.split(separator: "\n").filter { $0.hasPrefix(total + "{") }
            #expect(series.count == 3, "neither other routes nor paths without one: \(series)")
        }
    }

    @Test(arguments: [
        ("/api/v1/hardware", true), ("/api/v1/hardware/metrics/stream", true), ("/optimize/memory", true),
        ("/analyze/storage", true), ("/processes", true), ("/status", true), ("/health", false), ("/metrics", false),
        ("/api/v1/hardware-old", false), ("/api/v1/status", false), ("/statuses", false), ("unmatched", false),
    ])
    func knowsTheOptimizersRoutes(_ route: String, _ isOfOptimizer: Bool) {
        #expect(RequestMetrics.isOfOptimizer(route) == isOfOptimizer)
    }
}
