import BusClients
import BusTestKit
import Contracts
import Glibc
import Runtime
import Testing

@testable import Ingress

@Suite struct HostRoutesTests {
    private static let statsKeys = [
        "cpu_percent", "ram_used_gb", "ram_total_gb", "ram_percent", "gpu_percent", "vram_used_mb", "vram_total_mb",
        "vram_percent", "timestamp",
    ]

    @Test func statsHaveNineNumbers() async throws {
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress in
            let body = try await ingress.client.get("/api/v1/system/stats", token: ingress.token(["system:read"]))
                .json()
            #expect(body.members.map(\.name.string) == Self.statsKeys)
            #expect(body["cpu_percent"]?.double == 12.5)
            #expect(body["ram_used_gb"]?.double == 3)
            #expect(body["vram_percent"]?.double == 0)
            #expect(body["timestamp"]?.string?.contains("Z") == false)
        }
    }

    @Test func historyIsNewestFirstAndBounded() async throws {
        let now = SystemTime().now
        try await TestIngress.run(prepare: { bus in
            for seconds in stride(from: 1500, through: 1, by: -1) where seconds % 5 == 0 {
                try await bus.report(.example(at: now.advanced(by: .seconds(-seconds)), cpu: Double(seconds % 100)))
            }
        }) { ingress in
            let token = try ingress.token()
            for (hours, isExact) in [(0.083, true), (0.25, true), (1, true), (6, false), (24, false)] {
                let answer = try await ingress.client.get("/api/v1/system/stats/history?hours=\(hours)", token: token)
                let body = try answer.json()
                let stats = body["stats"].map { Array($0.elements) } ?? []
                #expect(stats.count == body["total_count"]?.int)
                #expect(!stats.isEmpty && stats.count <= 1000)
                let times = stats.compactMap { $0["timestamp"]?.string }
                #expect(times == times.sorted(by: >))
                #expect(body["time_range"]?["hours"]?.double == hours)
                if isExact { #expect(stats.first?["cpu_percent"]?.double == 5) }
            }
            let standard = try await ingress.client.get("/api/v1/system/stats/history", token: token).json()
            #expect(standard["time_range"]?["hours"]?.int == 24)
            for hours in ["0", "-1", "nan", "inf", "1e12", "abc"] {
                let answer = try await ingress.client.get("/api/v1/system/stats/history?hours=\(hours)", token: token)
                #expect(answer.status == 422, "\(hours)")
            }
        }
    }

    @Test func metricsHaveTheirShape() async throws {
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress in
            let token = try ingress.token(["hardware:monitor"])
            let body = try await ingress.client.get("/api/v1/hardware/metrics?include_gpu=yes", token: token).json()
            #expect(body["cpu"]?["usage_percent"]?.double == 12.5)
            #expect(body["cpu"]?["cores"]?.int == 2)
            #expect(body["memory"]?["used_mb"]?.double == 3072)
            #expect(body["disk"]?["read_mb_s"]?.double == 1)
            #expect(body["disk"]?["write_mb_s"]?.double == 2)
            #expect(body["network"]?["bytes_sent"]?.int == 2000)
            // No worker of the host takes questions.
            #expect(body["processes"]?.isNull == true)
            #expect(body["processes_reason"]?.string == "No worker of this host takes questions.")
            #expect(body["containers"]?.isNull == true)
            #expect(body["sampler"]?.isNull == true)
            #expect(body["gpu"]?.isNull == true)
            #expect(body["gpu_reason"]?.string == "no NVIDIA driver")
            #expect(body["stale"]?.bool == false)
            let less = try await ingress.client.get("/api/v1/hardware/metrics?include_network=0", token: token).json()
            #expect(less["network"]?.count == 0)
            for query in ["sample_duration=0", "sample_duration=61", "sample_duration=1.5", "include_gpu=2"] {
                let answer = try await ingress.client.get("/api/v1/hardware/metrics?\(query)", token: token)
                #expect(answer.status == 422, "\(query)")
                #expect(try answer.json()["detail"]?.elements.first(where: { _ in true })?["loc"]?.count == 2)
            }
        }
    }

    @Test func hostsAreNamed() async throws {
        try await TestIngress.run(prepare: { try await $0.report(.example(host: "beta", cpu: 50)) }) { ingress in
            let token = try ingress.token()
            let path = "/api/v1/hardware/metrics"
            #expect(try await ingress.client.get(path, token: token).json()["host"]?.string == "beta")
            try await ingress.bus.report(.example(host: "gamma"))
            try await ingress.eventually("gamma is known") {
                try await ingress.client.get("\(path)?host=gamma", token: token).status == 200
            }
            #expect(try await ingress.client.get("\(path)?host=delta", token: token).status == 404)
            #expect(try await ingress.client.get(path, token: token).status == 404)
            // beta was heard once: after three intervals of a second it is stale.
            try await ingress.eventually("beta is stale") {
                try await ingress.client.get("\(path)?host=beta", token: token).json()["stale"]?.bool == true
            }
        }
    }

    @Test func theStreamSendsSamples() async throws {
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress in
            let token = try ingress.token()
            let path = "/api/v1/hardware/metrics/stream?interval=1"
            let answer = try await ingress.client.stream(path, token: token, until: "\n\n", count: 2)
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "text/event-stream; charset=utf-8")
            let events = answer.text.split(separator: "\n\n").filter { $0.hasPrefix("data: ") }
            let first = try JSONDocument(parsing: Array(try #require(events.first).utf8.dropFirst(6))).root
            #expect(first["cpu"]?["usage_percent"]?.double == 12.5)
            #expect(first["stream_metadata"]?["interval"]?.int == 1)
            #expect(first["stream_metadata"]?["session_id"]?.string?.count == 36)

            let csv = try await ingress.client.stream(path + "&format=csv", token: token, until: "\n", count: 3)
            #expect(csv.headers["content-type"]?.hasPrefix("text/csv") == true)
            let lines = csv.text.split(separator: "\n")
            let columns = lines.map { $0.split(separator: ",", omittingEmptySubsequences: false).count }
            #expect(Set(columns) == [14])
            #expect(
                lines.dropFirst().first?.contains(
                    ",alpha,false,12.5,75.0,3072.0,1024.0,40.0,1.0,2.0,2000,1000,0.5,1234.5") == true)

            for query in ["interval=0", "interval=61", "format=xml"] {
                let wrong = try await ingress.client.get(
                    "/api/v1/hardware/metrics/stream?\(query)", token: token)
                #expect(wrong.status == 422, "\(query)")
            }
        }
    }

    @Test func theStreamEndsWithItsToken() async throws {
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress in
            let token = try ingress.token(lifetime: .seconds(3))
            let answer = try await ingress.client.get("/api/v1/hardware/metrics/stream?interval=1", token: token)
            #expect(answer.status == 200)
            #expect((1...4).contains(answer.text.split(separator: "\n\n").count))
        }
    }

    @Test func deletedViewsGiveTheSameAnswers() async throws {
        let folder = try TemporaryFolder()
        let now = SystemTime().now
        let second = now.microseconds / 1_000_000
        let paths = [
            "/api/v1/system/stats", "/api/v1/system/stats/history?hours=1", "/api/v1/hardware/optimize/s1",
            "/api/v1/hardware/metrics/history?step=5&start=\(second - 60)&end=\(second)",
            "/api/v1/hardware/metrics/history?step=600&start=\(second - 3600)&end=\(second)",
        ]
        func answers(prepare: (Bus) async throws -> Void) async throws -> [JSONValue] {
            var bodies: [JSONValue] = []
            try await TestIngress.run(in: folder, prepare: prepare) { ingress in
                let token = try ingress.token()
                for path in paths { bodies.append(try await ingress.client.get(path, token: token).json()) }
            }
            return bodies
        }
        let before = try await answers { bus in
            for seconds in [30, 20, 10] {
                try await bus.report(.example(at: now.advanced(by: .seconds(-seconds)), cpu: Double(seconds)))
            }
            try await bus.tell(
                "session.requested", #"{"id":"s1","optimization_type":"disk","requested_by":"7"}"#, id: "1")
        }
        for suffix in ["", "-wal", "-shm"] { unlink("\(folder.path)/views.db\(suffix)") }
        let after = try await answers { _ in }
        try #require(before.count == 5 && after.count == 5)
        #expect(before[0]["cpu_percent"]?.double == 10)
        // The age of the sample, and so `stale`, is of the moment.
        #expect(after[0]["timestamp"]?.string == before[0]["timestamp"]?.string)
        #expect(after[1]["stats"]?.minified == before[1]["stats"]?.minified)
        #expect(after[1]["total_count"]?.int == 3)
        for place in 2...4 { #expect(after[place].minified == before[place].minified) }
        let known = try #require(after[3]["metrics"]?["cpu_percent"]?["last"]).elements.compactMap(\.double)
        #expect(known == [30, 20, 10])
    }
}
