internal import Runtime
internal import Synchronization

/// A token bucket for every sender.
///
/// A bucket is one number, the time at which it will be full again (the generic cell rate algorithm), so that nothing
/// has to refill it. There are at most `capacity`: one more takes the place of the one that was used least recently,
/// which is the fullest as a rule.
final class RateLimiter: Sendable {
    /// Who has a bucket.
    enum Sender: Sendable, Hashable {
        case principal(String)
        case address(IPAddress)
        /// Everyone whose address is not known.
        case unknown
    }

    private let limit: RateLimit
    /// Nanoseconds in which a bucket gets one token.
    private let interval: Int64
    /// Nanoseconds in which an empty bucket fills.
    private let depth: Int64
    private let time: any TimeSource
    private let buckets: Mutex<RecencyTable<Sender, Int64>>

    init(_ limit: RateLimit, time: any TimeSource, capacity: Int = 65_536) {
        self.limit = limit
        self.time = time
        interval = 60_000_000_000 / Int64(limit.perMinute)
        depth = interval * Int64(limit.burst)
        buckets = Mutex(RecencyTable(capacity: capacity))
    }

    /// Takes a token of the sender's bucket, if there is one.
    func take(_ sender: Sender) -> RateDecision {
        let now = nanoseconds
        let (isAllowed, full) = buckets.withLock { buckets in
            buckets.update(sender, default: now) { full -> (Bool, Int64) in
                let next = max(full, now) + interval
                guard next - now <= depth else { return (false, full) }
                full = next
                return (true, next)
            }
        }
        return RateDecision(
            isAllowed: isAllowed, limit: limit.perMinute, remaining: Int((depth - (full - now)) / interval),
            reset: Self.seconds(full - now),
            retryAfter: isAllowed ? 0 : max(1, Self.seconds(full + interval - depth - now)))
    }

    /// How many buckets there are.
    var count: Int { buckets.withLock(\.count) }

    private var nanoseconds: Int64 {
        let parts = time.uptime.components
        return parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
    }

    /// Whole seconds, rounded up.
    private static func seconds(_ nanoseconds: Int64) -> Int {
        Int((max(0, nanoseconds) + 999_999_999) / 1_000_000_000)
    }
}
