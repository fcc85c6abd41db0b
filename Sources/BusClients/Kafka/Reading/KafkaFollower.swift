/// The records of every partition of a topic, outside of any group.
///
/// Ends when its task is cancelled, the client closes, or it is released.
final class KafkaFollower: BatchSource {
    private let topic: FollowedTopic

    init(_ topic: FollowedTopic) { self.topic = topic }

    deinit { topic.leave() }

    func next() async throws(BusError) -> [StoredRecord]? { try await topic.next() }
}
