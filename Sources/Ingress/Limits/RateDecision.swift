internal import HTTPKit
internal import Runtime

/// What a rate limit says of one request.
struct RateDecision: Sendable, Equatable {
    let isAllowed: Bool
    /// Requests a minute.
    let limit: Int
    /// How many more may come at once.
    let remaining: Int
    /// Whole seconds until nothing counts any more, rounded up.
    let reset: Int
    /// Whole seconds until the next request is allowed, rounded up and at least 1; 0 for an allowed one.
    let retryAfter: Int

    /// Adds the fields of draft-ietf-httpapi-ratelimit-headers-06, whose reset is in seconds, and the older ones with
    /// `X-`, whose reset is in seconds since 1970.
    func add(to headers: inout HTTPHeaders, now: Timestamp) {
        let (limit, remaining) = (String(limit), String(remaining))
        headers.append("RateLimit-Limit", limit)
        headers.append("RateLimit-Remaining", remaining)
        headers.append("RateLimit-Reset", String(reset))
        headers.append("X-RateLimit-Limit", limit)
        headers.append("X-RateLimit-Remaining", remaining)
        headers.append("X-RateLimit-Reset", String(now.microseconds / 1_000_000 + Int64(reset)))
    }
}
