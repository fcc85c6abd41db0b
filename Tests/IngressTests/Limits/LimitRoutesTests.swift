import BusTestKit
import Contracts
import HTTPKit
import Runtime
import Testing

@testable import Ingress

@Suite(.timeLimit(.minutes(1))) struct LimitRoutesTests {
    private static let stats = "/api/v1/system/stats"
    private static let names = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"]

    private func run(
        _ change: (inout LimitConfiguration) throws -> Void, _ body: (TestIngress) async throws -> Void
    ) async throws {
        var limits = LimitConfiguration()
        try change(&limits)
        try await TestIngress.run(limits: limits, prepare: { try await $0.report(.example()) }, body)
    }

    @Test func whoSendsTooMuchIsToldWhenToComeBack() async throws {
        try await run({ $0.rate = RateLimit(perMinute: 1, burst: 2) }) { ingress async throws in
            let token = try ingress.token()
            for remaining in ["1", "0"] {
                let answer = try await ingress.client.get(Self.stats, token: token)
                #expect(answer.status == 200)
                #expect(answer.headers["ratelimit-limit"] == "1")
                #expect(answer.headers["ratelimit-remaining"] == remaining)
            }
            let limited = try await ingress.client.get(Self.stats, token: token)
            #expect(limited.status == 429)
            let wait = limited.headers["retry-after"].flatMap { Int($0) } ?? 0
            #expect((1...60).contains(wait))
            for name in Self.names {
                #expect(limited.headers[name] != nil && limited.headers["x-" + name] != nil, "\(name)")
            }
            let body = try limited.json()
            #expect(body["error"]?.string == "rate_limited")
            #expect(body["details"]?["retry_after"]?.int.map { Int($0) } == wait)
            #expect(body["request_id"]?.string == limited.headers["x-request-id"])
            // Another principal and the open routes go on, and so does nobody in particular, as far as its address may.
            #expect(try await ingress.client.get(Self.stats, token: ingress.token(id: "8")).status == 200)
            for _ in 0..<3 {
                #expect(try await ingress.client.get("/health", token: token).status == 200)
                #expect(try await ingress.client.get("/ready").headers["ratelimit-limit"] == nil)
            }
            let unknown = [Self.stats, "/nothing", Self.stats]
            for (path, status) in zip(unknown, [401, 404, 429]) {
                #expect(try await ingress.client.get(path).status == status)
            }
            let metrics = try await ingress.client.get("/metrics").text
            #expect(metrics.contains("flotilla_http_limited_requests_total{limit=\"rate\"} 2\n"))
        }
    }

    @Test func withoutALimitNothingIsSaidOfIt() async throws {
        try await run({ _ in }) { ingress async throws in
            let answer = try await ingress.client.get(Self.stats, token: ingress.token())
            #expect(answer.status == 200 && Self.names.allSatisfy { answer.headers[$0] == nil })
        }
    }

    @Test func requestsInFlightAreLimited() async throws {
        try await run({ $0.maximumConcurrentRequests = 1 }) { ingress async throws in
            let accepted = try await ingress.post(TestIngress.command, headers: ["Prefer": "respond-async"])
            let id = try #require(try accepted.json()["request_id"]?.string)
            let waited = Task {
                while true {
                    let answer = try await ingress.commandStatus(id, wait: 30)
                    if answer.status != 429 { return answer }
                }
            }
            let token = try ingress.token()
            try await ingress.eventually("a second request is too many") {
                let answer = try await ingress.client.get(Self.stats, token: token)
                return answer.status == 429 && answer.headers["retry-after"] == "1"
            }
            #expect(try await ingress.client.get(Self.stats, token: ingress.token(id: "8")).status == 200)
            try await ingress.pushing {
                let answer = try await waited.value
                #expect(answer.status == 200)
            }
            #expect(try await ingress.client.get(Self.stats, token: token).status == 200)
        }
    }

    @Test func openStreamsAreLimited() async throws {
        try await run({ $0.maximumStreams = 1 }) { ingress async throws in
            let token = try ingress.token()
            let path = "/api/v1/hardware/metrics/stream?interval=1"
            let begun = Latch()
            let open = Task {
                try await ingress.client.stream(path, token: token, until: "\n\n", count: 3, begun: begun)
            }
            try await withDeadline("the first stream") { await begun.wait() }
            try await ingress.eventually("a second stream is too many") {
                let answer = try await ingress.client.stream(path, token: token, until: "\n\n", count: 1)
                return answer.status == 429 && answer.headers["retry-after"] == "1"
            }
            #expect(try await ingress.client.get(Self.stats, token: token).status == 200)
            _ = try await open.value
            try await ingress.eventually("there is a place for a stream again") {
                try await ingress.client.stream(path, token: token, until: "\n\n", count: 1).status == 200
            }
        }
    }

    @Test func onlyATrustedProxySaysWhoAsks() async throws {
        let forwarded = ["X-Forwarded-For": "192.0.2.77"]
        try await run({ $0.trustedProxies = [try #require(AddressRange("127.0.0.0/8"))] }) { ingress async throws in
            #expect(try await ingress.client.get(Self.stats, headers: forwarded).status == 401)
            #expect(ingress.log.lines.contains { $0.contains("refused") && $0.contains("192.0.2.77") })
            // A proxy on this host does not make its clients local.
            #expect(try await ingress.client.get("/metrics", headers: forwarded).status == 401)
            #expect(try await ingress.client.get("/metrics").status == 200)
        }
        try await run({ _ in }) { ingress async throws in
            #expect(try await ingress.client.get(Self.stats, headers: forwarded).status == 401)
            #expect(!ingress.log.lines.contains { $0.contains("192.0.2.77") })
        }
    }

    @Test func browsersAreToldToBeStrict() async throws {
        try await run({ _ in }) { ingress async throws in
            let token = try ingress.token()
            for path in ["/health", "/nothing", Self.stats] {
                let headers = try await ingress.client.get(path).headers
                #expect(headers["x-content-type-options"] == "nosniff")
                #expect(headers["x-frame-options"] == nil && headers["referrer-policy"] == nil)
                #expect(headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'")
                #expect(headers["x-response-time"]?.hasSuffix("ms") == true)
                #expect(headers["strict-transport-security"] == nil && headers["cache-control"] == nil)
            }
            #expect(try await ingress.client.get(Self.stats, token: token).headers["cache-control"] == "no-store")
        }
        try await run({ _ in }) { ingress async throws in
            let page = try await ingress.client.get(
                "/sign-in?code=\(ingress.service.signInCodes.make())", headers: ["Accept": "text/html"])
            #expect(page.status == 200)
            #expect(page.headers["x-frame-options"] == "DENY" && page.headers["referrer-policy"] == "no-referrer")
            #expect(page.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'")
        }
        #expect(HTTPHeaders.security(speaksTLS: true).first("Strict-Transport-Security") == "max-age=31536000")
    }
}
