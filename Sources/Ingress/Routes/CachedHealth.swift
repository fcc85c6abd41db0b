internal import Contracts
internal import HTTPKit
internal import Runtime
internal import Synchronization

/// The answer to `GET /health` without a token, made again at most every 100 ms for its timestamp: a look at the clock
/// and a lock, however often it is asked.
final class CachedHealth: Sendable {
    private struct Cached {
        var response: HTTPResponse
        var until: Duration
    }

    private static let lifetime: Duration = .milliseconds(100)

    private let time: any TimeSource
    private let cached: Mutex<Cached>

    init(time: any TimeSource) {
        self.time = time
        cached = Mutex(Cached(response: Self.make(time.now), until: time.uptime + Self.lifetime))
    }

    var response: HTTPResponse {
        let now = time.uptime
        return cached.withLock { cached in
            if now >= cached.until {
                cached.response = Self.make(time.now)
                cached.until = now + Self.lifetime
            }
            return cached.response
        }
    }

    private static func make(_ now: Timestamp) -> HTTPResponse {
        var writer = JSONWriter(capacity: 80)
        writer.object { writer in
            writer.member("status", "healthy")
            writer.member("timestamp", now)
        }
        return .json(writer.bytes)
    }
}
