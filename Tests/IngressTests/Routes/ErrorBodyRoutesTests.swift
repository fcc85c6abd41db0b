import Contracts
import Testing

@testable import Ingress

@Suite struct ErrorBodyRoutesTests {
    /// Checks that an answer has the one error body.
    private func check(
        _ answer: TestClient.Answer, _ status: Int, _ code: String, hasList: Bool = false,
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        #expect(answer.status == status, sourceLocation: location)
        #expect(answer.headers["content-type"] == "application/json", sourceLocation: location)
        let body = try answer.json()
        #expect(
            body.members.map(\.name.string) == ["error", "message", "detail", "details", "timestamp", "request_id"],
            sourceLocation: location)
        #expect(body["error"]?.string == code, sourceLocation: location)
        #expect(body["message"]?.string?.isEmpty == false, sourceLocation: location)
        #expect(body["detail"]?.kind == (hasList ? .array : .string), sourceLocation: location)
        #expect(body["details"]?.isNull == true, sourceLocation: location)
        #expect(body["timestamp"]?.timestamp != nil, sourceLocation: location)
        #expect(body["request_id"]?.string == answer.headers["x-request-id"], sourceLocation: location)
    }

    @Test func everyKindHasTheSameBody() async throws {
        try await TestIngress.run { ingress in
            let client = ingress.client
            let token = try ingress.token()
            try check(await client.get("/nowhere"), 404, "not_found")
            let wrongMethod = try await client.send("DELETE", "/health")
            try check(wrongMethod, 405, "method_not_allowed")
            #expect(wrongMethod.headers["allow"]?.contains("GET") == true)
            let large = String(repeating: "x", count: 2 << 20)
            try check(
                await client.send("POST", "/api/v1/hardware/optimize", token: token, body: large), 413,
                "payload_too_large")
            try check(
                await client.send("POST", "/api/v1/hardware/optimize", body: "{\"a\":"), 422, "validation_error",
                hasList: true)
            try check(
                await client.get("/api/v1/system/stats/history?hours=abc", token: token), 422, "validation_error",
                hasList: true)
            try check(await client.get("/api/v1/system/stats", token: token), 503, "unavailable")
            try check(await client.raw("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n"), 400, "bad_request")
        }
    }

    @Test func theRequestIdIsTheClients() async throws {
        try await TestIngress.run { ingress in
            let answer = try await ingress.client.get("/nowhere", headers: ["X-Request-ID": "a \"b\""])
            #expect(answer.headers["x-request-id"] == "a \"b\"")
            #expect(try answer.json()["request_id"]?.string == "a \"b\"")
        }
    }
}
