internal import Runtime

extension DeadLetter {
    /// A message of a dead letter queue.
    /// - Parameter maximumAttempts: Of the queue it comes from, if known.
    init(_ received: ReceivedMessage, maximumAttempts: Int?, now: Timestamp) {
        let message = received.message
        let diedAt =
            received.own.diedAt.map(Timestamp.init(microseconds:))
            ?? received.broker.diedAt.map { Timestamp(microseconds: $0.multipliedReportingOverflow(by: 1_000_000).0) }
            ?? now
        var digest = Digest()
        digest.add(message.id.rawValue.utf8)
        digest.add(received.own.diedAt ?? received.broker.diedAt ?? 0)
        digest.add(received.own.sentAt ?? 0)
        let earlier = min(max(received.own.attempts ?? 0, 0), 1_000_000)
        let isExhausted = received.own.reason == nil && received.broker.deathReason == "delivery_limit"
        self.init(
            id: ID(rawValue: Int64(digest.value >> 1)), message: message,
            reason: received.own.reason ?? Self.reason(received.broker.deathReason),
            // The broker's own letters do not say how often they were delivered.
            attempts: isExhausted ? earlier + (maximumAttempts ?? 0) : earlier,
            enqueuedAt: received.sentAt(else: diedAt), diedAt: diedAt)
    }

    /// RabbitMQ's word for a death as this bus says it.
    private static func reason(_ word: String?) -> String {
        switch word {
        case "delivery_limit": "attempts exhausted"
        case let word?: word
        case nil: "unknown"
        }
    }
}
