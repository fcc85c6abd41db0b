import Contracts
import Testing

@testable import Ingress

@Suite struct HealthRoutesTests {
    @Test func healthSaysStatusOnlyWithoutAToken() async throws {
        try await TestIngress.run { ingress in
            let answer = try await ingress.client.get("/health")
            #expect(answer.status == 200)
            let body = try answer.json()
            #expect(body["status"]?.string == "healthy")
            #expect(body["timestamp"]?.timestamp != nil)
            #expect(body["version"] == nil)

            let details = try await ingress.client.get("/health", token: ingress.token([])).json()
            #expect(details["host"]?.string == "alpha")
            #expect(details["ready"]?.bool == true)
            #expect(details["projections"]?.count ?? 0 >= 2)
            for path in ["/health", "/api/v1/health"] {
                let expired = try await ingress.client.get(path, token: ingress.token(lifetime: .seconds(-5)))
                #expect(expired.status == 200)
                #expect(try expired.json().members.map(\.name.string) == ["status", "timestamp"])
            }
        }
    }

    @Test func isReadyOnceTheViewsAre() async throws {
        try await TestIngress.run { ingress in
            let answer = try await ingress.client.get("/ready")
            #expect(answer.status == 200)
        }
    }

    @Test func hardwareHealthHasItsElevenKeys() async throws {
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress in
            let keys = [
                "status", "agent", "timestamp", "version", "description", "docker_available", "system_status",
                "uptime_seconds", "last_optimization", "active_optimizations", "system_health_score",
            ]
            let open = try await ingress.client.get("/api/v1/hardware/health")
            #expect(open.status == 200)
            #expect(try open.json().members.map(\.name.string) == keys)
            #expect(try open.json()["system_health_score"]?.isNull == true)
            let full = try await ingress.client.get("/api/v1/hardware/health", token: ingress.token()).json()
            #expect(full["system_health_score"]?.double == 25)
            #expect(full["system_status"]?["disk_percent"]?.double == 40)
            #expect(full["last_optimization"]?.isNull == true)
            let base = #""task_id":"s1","optimization_type":"memory","host":"alpha","requested_by":"7""#
            let result =
                #"{"task_id":"s1","status":"completed","optimization_type":"memory","#
                + #""started_at":"2026-11-21T03:00:00Z","dry_run":true}"#
            try await ingress.bus.tell("session.completed", "{\(base),\"result\":\(result)}", id: "s1.completed")
            try await ingress.eventually("the last optimization is known") {
                let status = try await ingress.client.get("/api/v1/hardware/status", token: ingress.token()).json()
                return status["last_optimization"]?.string != nil
            }
            let router = try await ingress.client.get("/api/v1/hardware/router/health")
            #expect(try router.json()["router_version"]?.string == "1.0.0")
        }
    }

    @Test func theIndexListsTheRoutes() async throws {
        try await TestIngress.run { ingress in
            let body = try await ingress.client.get("/").json()
            #expect(body["agent"]?.string == "hardware-resource-optimizer")
            let endpoints = body["endpoints"]?.elements.compactMap(\.string) ?? []
            #expect(endpoints.contains("POST /api/v1/hardware/optimize"))
            #expect(endpoints.contains("GET /api/v1/system/stats"))
        }
    }

    @Test func metricsAreOpenToLoopback() async throws {
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress in
            _ = try await ingress.client.get("/health")
            let answer = try await ingress.client.get("/metrics")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
            #expect(
                answer.text.contains("flotilla_http_requests_total{method=\"GET\",route=\"/health\",status=\"200\"}"))
            #expect(answer.text.contains("flotilla_projection_records_total"))
        }
    }
}
