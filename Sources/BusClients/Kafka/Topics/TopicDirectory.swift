internal import Runtime
internal import Synchronization

/// The topics that this client uses, with their partitions; known ones are answered without asking a broker.
final class TopicDirectory: Sendable {
    /// How often the known topics are looked at again, for partitions that were added.
    static let refreshInterval: Duration = .seconds(30)
    /// How long a topic that was created a moment ago may stay unknown to a broker.
    private static let delays: [Duration] = [.milliseconds(50), .milliseconds(150), .milliseconds(300)]

    private let core: KafkaCore
    private let listing: TopicListing
    private let known = Mutex<[Topic: Int]>([:])

    init(_ core: KafkaCore, lookup: ClusterLookup) {
        self.core = core
        listing = TopicListing(lookup)
    }

    /// The partitions of a topic.
    /// - Throws: `.unknownTopic` when no broker knows it within half a second.
    func partitions(of topic: Topic) async throws(BusError) -> Int {
        if let count = known.withLock({ $0[topic] }) { return count }
        try topic.validate()
        for delay in Self.delays {
            if let entry = try await look(for: topic) { return entry.partitions }
            do { try await core.time.sleep(for: delay) } catch { throw ClusterLookup.cancelled }
        }
        if let entry = try await look(for: topic) { return entry.partitions }
        throw BusError(.unknownTopic, "no topic is called \(topic)")
    }

    /// Whether the topic was found before.
    func isKnown(_ topic: Topic) -> Bool { known.withLock { $0[topic] != nil } }

    /// Asks the brokers for the topic; nil when they do not know it.
    func look(for topic: Topic) async throws(BusError) -> TopicListing.Entry? {
        let topics = try await listing.topics()
        core.watch.succeeded()
        guard let entry = topics[topic] else { return nil }
        known.withLock { $0[topic] = entry.partitions }
        return entry
    }

    /// A broker says that the topic does not exist: the next call asks again.
    func forget(_ topic: Topic) { known.withLock { $0[topic] = nil } }

    /// Looks at the known topics again, and announces those that have more partitions.
    func refresh() async throws(BusError) {
        let before = known.withLock { $0 }
        guard !before.isEmpty else { return }
        let topics = try await listing.topics()
        for (topic, count) in before {
            guard let entry = topics[topic] else {
                forget(topic)
                continue
            }
            known.withLock { $0[topic] = entry.partitions }
            if entry.partitions > count { core.announceGrowth(of: topic, to: entry.partitions) }
        }
    }
}
