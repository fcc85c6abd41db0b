import BusTestKit
import HTTPKit
import Runtime
import Testing

@testable import Ingress

@Suite struct RateLimiterTests {
    private let time = ManualTime()

    private func take(_ limiter: RateLimiter, _ count: Int, _ sender: String = "ada") -> [Bool] {
        (0..<count).map { _ in limiter.take(.principal(sender)).isAllowed }
    }

    @Test func aBurstIsAllowedAndThenTheRate() {
        let limiter = RateLimiter(RateLimit(perMinute: 60, burst: 3), time: time)
        #expect(take(limiter, 4) == [true, true, true, false])
        time.advance(by: .milliseconds(999))
        #expect(take(limiter, 1) == [false])
        time.advance(by: .milliseconds(1))
        #expect(take(limiter, 2) == [true, false])
        time.advance(by: .seconds(3600))
        #expect(take(limiter, 4) == [true, true, true, false])
    }

    @Test func theFiguresAreWholeSecondsRoundedUp() {
        let limiter = RateLimiter(RateLimit(perMinute: 30, burst: 2), time: time)
        #expect(
            limiter.take(.unknown)
                == RateDecision(isAllowed: true, limit: 30, remaining: 1, reset: 2, retryAfter: 0))
        time.advance(by: .milliseconds(500))
        #expect(
            limiter.take(.unknown)
                == RateDecision(isAllowed: true, limit: 30, remaining: 0, reset: 4, retryAfter: 0))
        #expect(
            limiter.take(.unknown)
                == RateDecision(isAllowed: false, limit: 30, remaining: 0, reset: 4, retryAfter: 2))
    }

    @Test func sendersHaveBucketsOfTheirOwn() throws {
        let limiter = RateLimiter(RateLimit(perMinute: 60, burst: 1), time: time)
        #expect(take(limiter, 2) == [true, false])
        #expect(take(limiter, 2, "bob") == [true, false])
        let address = try #require(IPAddress("192.0.2.1"))
        #expect(limiter.take(.address(address)).isAllowed)
        #expect(!limiter.take(.address(address)).isAllowed)
        #expect(limiter.take(.principal("192.0.2.1")).isAllowed)
    }

    @Test func thereAreNeverMoreBucketsThanTheCapacity() {
        let limiter = RateLimiter(RateLimit(perMinute: 60, burst: 1), time: time, capacity: 3)
        for sender in ["a", "b", "c"] { #expect(take(limiter, 1, sender) == [true]) }
        #expect(take(limiter, 1, "a") == [false])
        // b was used least recently, and makes place.
        #expect(take(limiter, 1, "d") == [true])
        #expect(limiter.count == 3)
        #expect(take(limiter, 1, "a") == [false])
        #expect(take(limiter, 1, "c") == [false])
        #expect(take(limiter, 1, "b") == [true])
        #expect(limiter.count == 3)
        for sender in 0..<1000 { _ = limiter.take(.principal("\(sender)")) }
        #expect(limiter.count == 3)
    }

    @Test func headersAreOfBothKinds() {
        var headers = HTTPHeaders()
        RateDecision(isAllowed: false, limit: 60, remaining: 0, reset: 7, retryAfter: 2)
            .add(to: &headers, now: Timestamp(microseconds: 1_790_000_000_900_000))
        #expect(headers.first("RateLimit-Limit") == "60" && headers.first("X-RateLimit-Limit") == "60")
        #expect(headers.first("RateLimit-Remaining") == "0" && headers.first("X-RateLimit-Remaining") == "0")
        #expect(headers.first("RateLimit-Reset") == "7" && headers.first("X-RateLimit-Reset") == "1790000007")
    }

    @Test func settingsAreANumberOrTwo() {
        #expect(RateLimit("600") == RateLimit(perMinute: 600, burst: 100))
        #expect(RateLimit("30") == RateLimit(perMinute: 30, burst: 10))
        #expect(RateLimit("600/50") == RateLimit(perMinute: 600, burst: 50))
        for text in ["", "0", "-1", "x", "600/", "/5", "600/0", "6/5/4", "1000001", "+6", "6 0"] {
            #expect(RateLimit(text) == nil, "\(text)")
        }
    }
}
