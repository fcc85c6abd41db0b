import Runtime
import Testing

@testable import Ingress

@Suite(.timeLimit(.minutes(1))) struct CORSRoutesTests {
    private static let page = "http://localhost:5173"

    private func isAllowed(_ answer: TestClient.Answer, for origin: String = page) -> Bool {
        answer.headers["access-control-allow-origin"] == origin
            && answer.headers["access-control-allow-credentials"] == "true"
            && answer.headers["access-control-expose-headers"]?.contains("X-Request-ID") == true
            && answer.headers["vary"] == "Origin"
    }

    private func hasNothing(_ answer: TestClient.Answer) -> Bool {
        !answer.headers.keys.contains { $0.hasPrefix("access-control-") }
    }

    @Test func anAllowedOriginIsEchoedOnEveryAnswer() async throws {
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress async throws in
            let (client, token, headers) = (ingress.client, try ingress.token(), ["Origin": Self.page])
            let path = "/api/v1/system/stats"
            for (path, token, status) in [
                (path, token, 200), (path, nil, 401), ("/nothing", nil, 404), ("/health", nil, 200),
                ("/api/v1/hardware/metrics/stream?interval=0", token, 422),
            ] as [(String, String?, Int)] {
                let answer = try await client.get(path, token: token, headers: headers)
                #expect(answer.status == status && isAllowed(answer), "\(path) \(answer.headers)")
            }
            let wrongMethod = try await client.send("DELETE", "/health", headers: headers)
            #expect(wrongMethod.status == 405 && isAllowed(wrongMethod))
            #expect(hasNothing(try await client.get(path, token: token)))
        }
    }

    @Test func streamsAreReadableToo() async throws {
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress async throws in
            let path = "/api/v1/hardware/metrics/stream?interval=1"
            let answer = try await ingress.client.get(
                path, token: ingress.token(lifetime: .seconds(2)), headers: ["Origin": Self.page])
            #expect(answer.status == 200 && isAllowed(answer))
        }
    }

    @Test func aBrowserMayAskFirstWithoutAToken() async throws {
        try await TestIngress.run { ingress async throws in
            let headers = [
                "Origin": Self.page, "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization, content-type",
            ]
            let answer = try await ingress.client.send("OPTIONS", "/api/v1/commands", headers: headers)
            #expect(answer.status == 200 && isAllowed(answer))
            #expect(answer.headers["access-control-allow-methods"] == "GET, POST, PUT, DELETE, OPTIONS, PATCH")
            #expect(answer.headers["access-control-allow-headers"] == "authorization, content-type")
            #expect(answer.headers["access-control-max-age"] == "3600")
            #expect(try await ingress.client.send("OPTIONS", "/nothing", headers: headers).status == 404)
            #expect(try await ingress.client.send("OPTIONS", "/api/v1/commands").status == 405)
        }
    }

    @Test func otherOriginsGetNothing() async throws {
        var limits = LimitConfiguration()
        limits.origins = CORSOrigins(entries: ["https://app.example.org", "https://b.example.org"])
        try await TestIngress.run(limits: limits) { ingress async throws in
            for origin in ["https://evil.example.org", Self.page, "null"] {
                let headers = ["Origin": origin, "Access-Control-Request-Method": "GET"]
                #expect(hasNothing(try await ingress.client.get("/health", headers: headers)))
                #expect(hasNothing(try await ingress.client.send("OPTIONS", "/health", headers: headers)))
            }
            let answer = try await ingress.client.get("/health", headers: ["Origin": "https://b.example.org"])
            #expect(isAllowed(answer, for: "https://b.example.org"))
        }
    }
}
