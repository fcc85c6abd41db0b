internal import HTTPKit
internal import Runtime

/// Who may send how much to the ingress, and which pages may read the answers.
final class IngressPolicy: RequestPolicy {
    /// Routes that are asked too often, or by too many, to be limited.
    static let openRoutes: Set<String> = [
        "/health", "/ready", "/metrics", "/api/v1/health", "/api/v1/hardware/health", "/api/v1/hardware/status",
        "/api/v1/hardware/router/health",
    ]

    let configuration: LimitConfiguration
    let origins: CORSOrigins
    let authenticator: Authenticator
    /// Nil where no rate is limited.
    let rates: RateLimiter?
    let concurrency: ConcurrencyLimits
    let time: any TimeSource
    let limited: LimitCounters
    private let proxies: TrustedProxies

    init(
        configuration: LimitConfiguration, listeningOn host: String, authenticator: Authenticator,
        time: any TimeSource, metrics: MetricsRegistry
    ) {
        self.configuration = configuration
        self.authenticator = authenticator
        self.time = time
        origins = configuration.origins(listeningOn: host)
        rates = configuration.rate.map { RateLimiter($0, time: time) }
        concurrency = ConcurrencyLimits(
            maximumRequests: configuration.maximumConcurrentRequests, maximumStreams: configuration.maximumStreams)
        limited = LimitCounters(metrics)
        proxies = TrustedProxies(ranges: configuration.trustedProxies)
    }

    func begin(headers: HTTPHeaders, peer: PeerAddress) -> any RequestVisit {
        IngressVisit(policy: self, client: proxies.client(of: peer, headers), origin: headers.first("Origin"))
    }
}

/// Counts the requests that were answered 429, by limit.
struct LimitCounters: Sendable {
    let rate: Counter.Handle
    let requests: Counter.Handle
    let streams: Counter.Handle

    init(_ metrics: MetricsRegistry) {
        let limited = metrics.counter(
            "flotilla_http_limited_requests_total", help: "Requests answered 429, by limit.", labels: ["limit"])
        rate = limited.labelled(["rate"])
        requests = limited.labelled(["concurrent_requests"])
        streams = limited.labelled(["streams"])
    }
}
