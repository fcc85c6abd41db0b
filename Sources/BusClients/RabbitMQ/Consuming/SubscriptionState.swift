internal import Runtime

/// The pure part of `SubscriptionWorker`: which of the events that come are delivered, and what is acked.
struct SubscriptionState {
    private let patterns: [TopicPattern]
    /// The offset to go on from.
    private(set) var nextOffset: Int64
    private var recent = RecentIDs()
    /// The last delivery tag of the channel, and the last one that is acked.
    private var lastTag: UInt64 = 0
    private var ackedTag: UInt64 = 0

    init(patterns: [TopicPattern], from offset: Int64) {
        self.patterns = patterns
        nextOffset = offset
    }

    /// A new channel: tags begin anew, the offset does not.
    mutating func attach() { (lastTag, ackedTag) = (0, 0) }

    /// Takes what came.
    /// - Returns: What is to be delivered. A stream begins with a whole chunk, so earlier events may come first.
    mutating func take(_ messages: [ReceivedMessage], now: Timestamp) -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        for message in messages {
            lastTag = max(lastTag, message.tag)
            guard let offset = message.broker.offset, offset >= nextOffset else { continue }
            nextOffset = offset + 1
            let key = RoutingKey(message.routingKey)
            guard !message.own.isMarker, patterns.contains(where: { $0.matches(key) }) else { continue }
            let content = message.message
            if message.own.isResent, recent.contains(content.id) { continue }
            recent.add(content.id)
            events.append(
                RecordedEvent(
                    offset: offset, routingKey: key, message: content, publishedAt: message.sentAt(else: now)))
        }
        return events
    }

    /// Everything that came is taken or left out.
    /// - Returns: The tag to ack up to, so that more comes.
    mutating func settle() -> UInt64? {
        guard lastTag > ackedTag else { return nil }
        ackedTag = lastTag
        return lastTag
    }
}
