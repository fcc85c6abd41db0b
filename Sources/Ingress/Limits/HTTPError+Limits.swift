internal import Contracts
internal import HTTPKit

extension HTTPError {
    /// 429: the sender's bucket is empty.
    static func rateLimited(_ decision: RateDecision) -> HTTPError {
        tooMany(
            "rate_limited", "More than \(decision.limit) requests a minute; try again in \(decision.retryAfter) s.",
            retryAfter: decision.retryAfter)
    }

    /// 429: the principal has too many requests open.
    static func tooManyRequests(_ limit: Int) -> HTTPError {
        tooMany("too_many_requests", "More than \(limit) requests are open at the same time.", retryAfter: 1)
    }

    /// 429: the principal has too many streams open.
    static func tooManyStreams(_ limit: Int) -> HTTPError {
        tooMany("too_many_streams", "More than \(limit) streams are open; close one first.", retryAfter: 1)
    }

    private static func tooMany(_ code: String, _ message: String, retryAfter seconds: Int) -> HTTPError {
        var details = JSONWriter(capacity: 32)
        details.object { $0.member("retry_after", seconds) }
        return HTTPError(429, code, message, details: details.bytes, headers: ["Retry-After": String(seconds)])
    }
}
