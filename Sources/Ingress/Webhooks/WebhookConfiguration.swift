/// How webhooks are sent.
package struct WebhookConfiguration: Sendable {
    /// Whether they may be sent to private addresses (`WEBHOOK_ALLOW_PRIVATE`).
    package var allowsPrivate = false
    /// Of one exchange.
    package var timeout: Duration = .seconds(10)
    /// After each attempt that failed but the last: about an hour in all.
    package var delays: [Duration] = [
        .seconds(5), .seconds(30), .seconds(120), .seconds(300), .seconds(600), .seconds(900), .seconds(1800),
    ]
    /// Exchanges at once, and those of one URL.
    package var concurrency = 8
    package var concurrencyOfURL = 2
    /// Deliveries in hand: those that wait for their turn too.
    package var prefetch = 64

    package init() {}

    /// The longest that a receiver's `Retry-After` puts an attempt off.
    static let longestDelay: Duration = .seconds(3600)

    /// After a failed attempt.
    /// - Parameters:
    ///   - attempt: 1 for the first.
    ///   - wanted: by the receiver.
    func delay(after attempt: Int, wanted: Duration?) -> Duration {
        if let wanted { return min(max(wanted, .seconds(1)), Self.longestDelay) }
        return delays.isEmpty ? .zero : delays[min(max(attempt, 1), delays.count) - 1]
    }
}
