internal import Runtime
internal import Synchronization

/// Counts wrong passwords by username, of users and of others alike, within the time that a lock would last.
final class SignInFailures: Sendable {
    private struct Count {
        var failures = 0
        var since: Timestamp
    }

    /// As many lock the account.
    static let limit = 5
    static let lockTime: Duration = .seconds(1800)
    /// Names at a time; beyond, the oldest counts are forgotten.
    private static let maximumNames = 10_000

    private let counts = Mutex<[String: Count]>([:])

    /// Notes a failure; whether it is the one that locks the account.
    func add(_ username: String, now: Timestamp) -> Bool {
        counts.withLock { counts in
            if counts.count >= Self.maximumNames { Self.makeRoom(&counts, now: now) }
            var count = counts[username] ?? Count(since: now)
            if count.since.advanced(by: Self.lockTime) <= now { count = Count(since: now) }
            count.failures += 1
            let isLocking = count.failures >= Self.limit
            counts[username] = isLocking ? nil : count
            return isLocking
        }
    }

    func clear(_ username: String) { counts.withLock { $0[username] = nil } }

    private static func makeRoom(_ counts: inout [String: Count], now: Timestamp) {
        counts = counts.filter { $0.value.since.advanced(by: lockTime) > now }
        guard counts.count >= maximumNames else { return }
        for (name, _) in counts.sorted(by: { $0.value.since < $1.value.since }).prefix(maximumNames / 4) {
            counts[name] = nil
        }
    }
}
