import BusTestKit
import HTTPKit
import Runtime
import Testing

@testable import Ingress

@Suite struct IngressVisitTests {
    private let time = ManualTime()
    private let metrics = MetricsRegistry()

    private func policy(_ change: (inout LimitConfiguration) -> Void) throws -> IngressPolicy {
        var limits = LimitConfiguration()
        change(&limits)
        let access = AccessConfiguration(apiKeys: [APIKey(secret: "ada"), APIKey(secret: "bob")])
        let secret = try AccessSecret.resolve(TestIngress.secret, stateFolder: "/nowhere")
        return IngressPolicy(
            configuration: limits, listeningOn: "127.0.0.1",
            authenticator: Authenticator(
                configuration: access, tokens: AccessTokens(secret: secret, time: time),
                directory: AccountDirectory(logger: .silent), time: time),
            time: time, metrics: metrics)
    }

    /// A request that has been admitted.
    private func visit(
        _ policy: IngressPolicy, key: String? = nil, from host: String = "192.0.2.1", route: String = "/x"
    ) throws -> any RequestVisit {
        var headers = HTTPHeaders()
        if let key { headers.append("X-API-Key", key) }
        let peer = PeerAddress(host: host, port: 1, isLoopback: false)
        let visit = policy.begin(headers: headers, peer: peer)
        let request = HTTPRequest(
            method: .GET, path: route, headers: headers, peer: peer, requestID: "r", route: route)
        #expect(try visit.admit(request, isPathKnown: true) == nil)
        return visit
    }

    private func isRefused(_ code: String, _ body: () throws -> Void) -> Bool {
        do {
            try body()
            return false
        } catch let error as HTTPError {
            return error.status == 429 && error.code == code && error.headers.first("Retry-After") == "1"
        } catch {
            return false
        }
    }

    private func limited(_ limit: String) -> Bool {
        metrics.render().contains("flotilla_http_limited_requests_total{limit=\"\(limit)\"} 1\n")
    }

    @Test func aPrincipalHasSoManyRequestsOpen() throws {
        let policy = try policy { $0.maximumConcurrentRequests = 2 }
        let first = try visit(policy, key: "ada")
        _ = try visit(policy, key: "ada")
        #expect(isRefused("too_many_requests") { _ = try visit(policy, key: "ada") })
        #expect(limited("concurrent_requests"))
        // Others, the unknown and the open routes have nothing to do with it.
        _ = try visit(policy, key: "bob")
        for _ in 0..<3 { _ = try visit(policy) }
        _ = try visit(policy, key: "ada", route: "/health")
        first.end()
        #expect(isRefused("too_many_requests") { _ = try visit(policy, key: "ada") })
        first.settle()
        first.settle()
        _ = try visit(policy, key: "ada")
        #expect(isRefused("too_many_requests") { _ = try visit(policy, key: "ada") })
    }

    @Test func aRefusedRequestHoldsNothing() throws {
        let policy = try policy { $0.maximumConcurrentRequests = 1 }
        let first = try visit(policy, key: "ada")
        for _ in 0..<3 {
            #expect(isRefused("too_many_requests") { try visit(policy, key: "ada").settle() })
        }
        first.settle()
        #expect(policy.concurrency.count == 0)
        _ = try visit(policy, key: "ada")
    }

    @Test func aPrincipalHasSoManyStreamsOpen() throws {
        let policy = try policy { $0.maximumStreams = 1 }
        let first = try visit(policy, key: "ada")
        try first.openStream()
        first.settle()
        #expect(isRefused("too_many_streams") { try visit(policy, key: "ada").openStream() })
        #expect(limited("streams"))
        try visit(policy, key: "bob").openStream()
        first.end()
        first.end()
        try visit(policy, key: "ada").openStream()
        #expect(isRefused("too_many_streams") { try visit(policy, key: "ada").openStream() })
    }

    @Test func zeroIsNoLimit() throws {
        let policy = try policy { limits in
            limits.maximumConcurrentRequests = 0
            limits.maximumStreams = 0
        }
        let visits = try (0..<300).map { _ in try visit(policy, key: "ada") }
        for visit in visits { try visit.openStream() }
        for visit in visits {
            visit.settle()
            visit.end()
        }
        #expect(policy.concurrency.count == 0)
    }

    @Test func aPrincipalsRequestsDoNotCountAgainstItsAddress() throws {
        let policy = try policy { $0.rate = RateLimit(perMinute: 60, burst: 1) }
        _ = try visit(policy, key: "ada")
        _ = try visit(policy)
        #expect(isRefused("rate_limited") { _ = try visit(policy, key: "ada") })
        #expect(limited("rate"))
        #expect(isRefused("rate_limited") { _ = try visit(policy) })
        _ = try visit(policy, key: "bob")
        _ = try visit(policy, from: "192.0.2.2")
        // Whoever guesses counts as unknown, and so does everyone of one IPv6 network.
        #expect(isRefused("rate_limited") { _ = try visit(policy, key: "wrong") })
        _ = try visit(policy, from: "2001:db8::1")
        #expect(isRefused("rate_limited") { _ = try visit(policy, from: "2001:db8::2") })
        for _ in 0..<3 { _ = try visit(policy, route: "/metrics") }
        time.advance(by: .seconds(1))
        _ = try visit(policy, key: "ada")
    }

    @Test func whatACallerMayNotStoreIsSaid() throws {
        let policy = try policy { $0.rate = RateLimit(perMinute: 60) }
        var response = HTTPResponse.text("x")
        try visit(policy, key: "ada").amend(&response)
        #expect(response.headers.first("Cache-Control") == "no-store")
        #expect(response.headers.first("RateLimit-Remaining") == "9")
        #expect(!response.headers.contains("Vary"))
        var own = HTTPResponse(headers: ["Cache-Control": "max-age=5"])
        try visit(policy, key: "ada").amend(&own)
        #expect(own.headers.all("Cache-Control") == ["max-age=5"])
        var open = HTTPResponse.text("x")
        try visit(policy, route: "/health").amend(&open)
        #expect(!open.headers.contains("Cache-Control") && !open.headers.contains("RateLimit-Limit"))
    }
}
