/// How often and after what delays something that failed is tried again.
///
/// Delays grow exponentially; full jitter takes each at random between zero and that, which spreads clients that failed
/// together (Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
package struct RetryPolicy: Sendable, Hashable {
    /// How delays are spread.
    package enum Jitter: Sendable, Hashable {
        /// Exactly the exponential delay.
        case none
        /// Uniformly between zero and the exponential delay.
        case full
    }

    /// The bound of the first delay.
    package var initial: Duration
    /// The bound of every delay.
    package var maximum: Duration
    /// What the bound grows by from one attempt to the next; at least 1.
    package var multiplier: Double
    package var jitter: Jitter
    /// How often is tried in all; nil for ever.
    package var maximumAttempts: Int?

    package init(
        initial: Duration = .milliseconds(100), maximum: Duration = .seconds(30), multiplier: Double = 2,
        jitter: Jitter = .full, maximumAttempts: Int? = nil
    ) {
        self.initial = max(initial, .zero)
        self.maximum = max(maximum, .zero)
        self.multiplier = multiplier.isFinite ? max(multiplier, 1) : 1
        self.jitter = jitter
        self.maximumAttempts = maximumAttempts
    }

    /// The delay after a failed attempt.
    /// - Parameter attempt: 1 for the first.
    /// - Returns: Nil when that was the last attempt.
    package func delay(attempt: Int, using generator: inout some RandomNumberGenerator) -> Duration? {
        if let maximumAttempts, attempt >= maximumAttempts { return nil }
        let bound = bound(attempt: attempt)
        return switch jitter {
        case .none: bound
        case .full: .microseconds(Int64.random(in: 0...bound.wholeMicroseconds, using: &generator))
        }
    }

    /// The delay after a failed attempt, with the system's random numbers.
    package func delay(attempt: Int) -> Duration? {
        var generator = SystemRandomNumberGenerator()
        return delay(attempt: attempt, using: &generator)
    }

    /// Runs the body until it succeeds.
    /// - Parameter isRetriable: Whether an error is worth another attempt.
    /// - Throws: The body's last error, or `CancellationError` when the task is cancelled while it waits.
    package func run<T>(
        time: any TimeSource, isolation: isolated (any Actor)? = #isolation,
        isRetriable: (any Error) -> Bool = { _ in true }, body: () async throws -> T
    ) async throws -> T {
        var attempt = 1
        while true {
            do {
                return try await body()
            } catch {
                guard !(error is CancellationError), !Task.isCancelled, isRetriable(error),
                    let delay = delay(attempt: attempt)
                else { throw error }
                try await time.sleep(for: delay)
            }
            attempt += attempt < .max ? 1 : 0
        }
    }

    private func bound(attempt: Int) -> Duration {
        // A power that overflows becomes infinite, and the maximum holds.
        var factor = 1.0
        var left = attempt - 1
        while left > 0, factor < 1e18, multiplier > 1 {
            factor *= multiplier
            left -= 1
        }
        let micros = Double(initial.wholeMicroseconds) * factor
        return micros < Double(maximum.wholeMicroseconds) ? .microseconds(Int64(micros)) : maximum
    }
}
