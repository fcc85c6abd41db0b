package import Runtime

/// How a host's optimizations run.
package struct HostOptimizationConfiguration: Sendable {
    /// This host's name in the fleet.
    package var host: String
    /// An existing folder: the journal and the quarantine are in it. Never optimized.
    package var stateFolder: String
    /// Deliveries in hand, in both lanes together; at least 2.
    package var prefetch: Int
    /// Deliveries of one request before it goes to the dead letters.
    package var maximumAttempts: Int
    /// The delays between them.
    package var retry: RetryPolicy
    /// How long the journal keeps a session that left nothing in quarantine.
    package var journalAge: Duration

    package init(
        host: String, stateFolder: String, prefetch: Int = 8, maximumAttempts: Int = 3,
        retry: RetryPolicy = RetryPolicy(initial: .seconds(1), maximum: .seconds(60)),
        journalAge: Duration = .seconds(30 * 86400)
    ) {
        self.host = host
        self.stateFolder = stateFolder
        self.prefetch = max(2, prefetch)
        self.maximumAttempts = max(1, maximumAttempts)
        self.retry = retry
        self.journalAge = journalAge
    }
}
