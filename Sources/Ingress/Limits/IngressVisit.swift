internal import HTTPKit
internal import Runtime
internal import Synchronization

/// One request to the ingress: who sent it, and what it holds of the limits until it ends.
final class IngressVisit: RequestVisit {
    private struct State {
        var identity: Result<Principal, HTTPError>?
        var decision: RateDecision?
        /// The principals whose limits count this request, and its stream; nil once they don't.
        var request: String?
        var stream: String?
    }

    let client: PeerAddress
    private let policy: IngressPolicy
    private let origin: String?
    private let isOriginAllowed: Bool
    private let state = Mutex(State())

    init(policy: IngressPolicy, client: PeerAddress, origin: String?) {
        self.policy = policy
        self.client = client
        self.origin = origin
        isOriginAllowed = origin.map(policy.origins.allow) ?? false
    }

    /// Who sent the request, or why that is not known; nil where it has no credentials or was not admitted.
    var identity: Result<Principal, HTTPError>? { state.withLock(\.identity) }

    func admit(_ request: HTTPRequest, isPathKnown: Bool) throws -> HTTPResponse? {
        if isPathKnown, let preflight = preflight(request) { return preflight }
        let principal = identify(request)
        guard !IngressPolicy.openRoutes.contains(request.route) else { return nil }
        try checkRate(principal)
        guard let principal else { return nil }
        guard policy.concurrency.beginRequest(of: principal.id) else {
            policy.limited.requests.increment()
            throw HTTPError.tooManyRequests(policy.configuration.maximumConcurrentRequests)
        }
        state.withLock { $0.request = principal.id }
        return nil
    }

    func openStream() throws {
        guard case .success(let principal) = identity else { return }
        guard policy.concurrency.beginStream(of: principal.id) else {
            policy.limited.streams.increment()
            throw HTTPError.tooManyStreams(policy.configuration.maximumStreams)
        }
        state.withLock { $0.stream = principal.id }
    }

    func amend(_ response: inout HTTPResponse) {
        let (identity, decision) = state.withLock { ($0.identity, $0.decision) }
        if let origin {
            response.headers.append("Vary", "Origin")
            if isOriginAllowed { response.headers.appendCORS(for: origin) }
        }
        if response.headers.begins("Content-Type", with: "text/html") { response.headers.appendMissing(.page) }
        decision?.add(to: &response.headers, now: policy.time.now)
        if case .success = identity, !response.headers.contains("Cache-Control") {
            response.headers.append("Cache-Control", "no-store")
        }
    }

    func settle() {
        if let principal = state.withLock({ $0.request.take() }) { policy.concurrency.endRequest(of: principal) }
    }

    func end() {
        if let principal = state.withLock({ $0.stream.take() }) { policy.concurrency.endStream(of: principal) }
    }

    /// The answer to a browser that asks before it sends; nil for another request.
    private func preflight(_ request: HTTPRequest) -> HTTPResponse? {
        guard request.method == .OPTIONS, origin != nil, request.headers.contains("Access-Control-Request-Method")
        else { return nil }
        var response = HTTPResponse()
        if isOriginAllowed {
            response.headers.appendPreflight(wanted: request.headers.first("Access-Control-Request-Headers"))
        }
        return response
    }

    private func identify(_ request: HTTPRequest) -> Principal? {
        guard policy.authenticator.hasCredentials(request) else { return nil }
        do {
            let principal = try policy.authenticator.principal(of: request)
            state.withLock { $0.identity = .success(principal) }
            return principal
        } catch {
            // Whoever needs to know who sends it refuses it; what needs nobody is answered all the same.
            state.withLock { $0.identity = .failure(error) }
            return nil
        }
    }

    /// Takes of the principal's bucket, or of the address's where there is none: whoever tries wrong credentials too.
    private func checkRate(_ principal: Principal?) throws(HTTPError) {
        guard let rates = policy.rates else { return }
        let sender: RateLimiter.Sender =
            if let principal {
                .principal(principal.id)
            } else if let address = IPAddress(client.host) {
                .address(address.subscriber)
            } else {
                .unknown
            }
        let decision = rates.take(sender)
        state.withLock { $0.decision = decision }
        guard !decision.isAllowed else { return }
        policy.limited.rate.increment()
        throw .rateLimited(decision)
    }
}
