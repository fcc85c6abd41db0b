internal import Runtime

/// The pure part of `SubscriptionWorker`: which of the events that come are delivered, and what is acked.
struct SubscriptionState {
    private let patterns: [TopicPattern]
    /// The offset to go on from.
    private(set) var nextOffset: Int64
    private var recent = RecentIDs()
    private var memory = OffsetMemory()
    private let first: Int64
    /// The last delivery tag of the channel, and the last one that is acked.
    private var lastTag: UInt64 = 0
    private var ackedTag: UInt64 = 0

    init(patterns: [TopicPattern], from offset: Int64) {
        self.patterns = patterns
        first = max(0, offset)
        nextOffset = first
    }

    /// What is read again on a new channel, to see whether it is still what it was.
    private static let overlap: Int64 = 256

    /// A new channel: tags begin anew, the offset does not.
    /// - Returns: The offset to read from, some events before the next one.
    mutating func attach() -> Int64 {
        (lastTag, ackedTag) = (0, 0)
        return max(first, nextOffset - Self.overlap)
    }

    /// Takes what came.
    /// - Returns: What is to be delivered. A stream begins with a whole chunk, so earlier events may come first; and what
    ///   has the offset of an event that the broker has lost since is new.
    mutating func take(_ messages: [ReceivedMessage], now: Timestamp) -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        for message in messages {
            lastTag = max(lastTag, message.tag)
            guard let offset = message.broker.offset, offset >= first else { continue }
            let content = message.message
            // Reused: the history has lost its end, and goes on from here.
            guard offset >= nextOffset || memory.verdict(offset, content.id) == .reused else { continue }
            nextOffset = offset + 1
            memory.add(offset, content.id)
            let key = RoutingKey(message.routingKey)
            guard !message.own.isMarker, patterns.contains(where: { $0.matches(key) }) else { continue }
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
