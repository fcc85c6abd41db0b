/// Where the embedded bus keeps its files and how it behaves.
public struct EmbeddedBusConfiguration: Sendable {
    /// An existing folder. The bus owns the files `bus.db*`, `bus.presence` and `bus.wake` in it.
    public var folder: String
    /// How long a member of a consumer group may be silent before its partitions go to the others.
    public var sessionTimeout: Duration
    /// How often the retention of exchanges, topics and dead letters is enforced.
    public var retentionInterval: Duration

    /// - Parameters:
    ///   - folder: An existing folder.
    ///   - sessionTimeout: 10 s unless given.
    ///   - retentionInterval: 30 s unless given.
    public init(
        folder: String, sessionTimeout: Duration = .seconds(10), retentionInterval: Duration = .seconds(30)
    ) {
        self.folder = folder
        self.sessionTimeout = sessionTimeout
        self.retentionInterval = retentionInterval
    }
}
