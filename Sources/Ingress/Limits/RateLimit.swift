/// How many requests one principal, or one address without credentials, may send (`RATE_LIMIT`).
package struct RateLimit: Sendable, Hashable {
    /// What is given back a minute, evenly.
    package let perMinute: Int
    /// How many may come at once.
    package let burst: Int

    /// - Parameter burst: without one, a sixth of a minute's, and at least 10.
    package init(perMinute: Int, burst: Int? = nil) {
        self.perMinute = max(1, perMinute)
        self.burst = max(1, burst ?? max(10, perMinute / 6))
    }

    /// Reads `600` or `600/50`: a minute's requests, each number from 1 to 1,000,000, and the burst.
    package init?(_ text: String) {
        let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { part -> Int? in
            guard part.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
            return Int(part).flatMap { (1...1_000_000).contains($0) ? $0 : nil }
        }
        switch numbers.count {
        case 1:
            guard let perMinute = numbers[0] else { return nil }
            self.init(perMinute: perMinute)
        case 2:
            guard let perMinute = numbers[0], let burst = numbers[1] else { return nil }
            self.init(perMinute: perMinute, burst: burst)
        default: return nil
        }
    }
}
