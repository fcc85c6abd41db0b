public import Runtime

/// An exchange whose every event goes to every matching subscriber, with a retained history.
///
/// Safe to use from any task. Events have one order, that of their offsets; offsets grow and are never used twice,
/// with gaps. A subscriber reads at its own pace: events wait in the history, not in memory.
///
/// Every call may throw `.unavailable`, `.accessRefused` and `.closed`; a name that was not declared is
/// `.unknownExchange`, and one that no broker could take `.invalidName`. What else, each call says.
public protocol EventExchange: Sendable {
    /// Creates the exchange, or changes the options of an existing one. Idempotent.
    /// - Throws: `.unsupported` for changed options where the transport cannot (`EventExchangeFeatures.changesOptions`).
    func declare(_ exchange: ExchangeName, _ options: EventExchangeOptions) async throws(BusError)

    /// Publishes events in their order; returns once all are durable, or throws and none was published
    /// (`EventExchangeFeatures.publishesAllOrNone`).
    /// - Throws: `.unavailable`, `.unconfirmed`, `.diskFull`, `.messageTooLarge`, `.unknownExchange`.
    func publish(_ events: [Event], to exchange: ExchangeName) async throws(BusError)

    /// Subscribes to the events whose routing key matches any of the patterns, from a position in the history.
    ///
    /// Each element is what was ready, at least one event. A subscriber that falls behind the retention misses what
    /// was deleted and sees the gap in the offsets. Ends when its task is cancelled or the bus closes.
    /// - Parameters:
    ///   - exchange: A declared exchange.
    ///   - patterns: An event that several of them match comes once.
    ///   - start: The first event of the subscription. One after the last that is known makes a subscriber go on where
    ///     it was.
    func subscribe(
        to exchange: ExchangeName, matching patterns: [TopicPattern], from start: HistoryPosition
    ) async throws(BusError) -> Events

    /// The first retained offset and the offset that the next event will have at least.
    func history(of exchange: ExchangeName) async throws(BusError) -> Range<Int64>

    /// What this transport can and cannot do.
    var features: EventExchangeFeatures { get }

    /// How the transport reaches its broker now.
    var connection: ConnectionHealth { get }
}

/// What an event exchange transport can do, where transports differ.
public struct EventExchangeFeatures: Sendable, Hashable {
    /// A call that throws has published nothing. Without it some of its events may have been published.
    public var publishesAllOrNone: Bool
    /// `declare` changes the options of an existing exchange. Without it other options than it has are refused.
    public var changesOptions: Bool

    /// Each parameter is the property of its name.
    public init(publishesAllOrNone: Bool, changesOptions: Bool) {
        self.publishesAllOrNone = publishesAllOrNone
        self.changesOptions = changesOptions
    }
}

/// One event to publish.
public struct Event: Sendable, Hashable {
    /// What subscribers select events by.
    public var routingKey: RoutingKey
    /// Identity, headers and body.
    public var message: Message

    /// Each parameter is the property of its name.
    public init(routingKey: RoutingKey, message: Message) {
        self.routingKey = routingKey
        self.message = message
    }
}

/// An event as a subscriber receives it.
public struct RecordedEvent: Sendable, Hashable {
    /// The position in the history of the exchange.
    public var offset: Int64
    /// What subscribers select events by.
    public var routingKey: RoutingKey
    /// Identity, headers and body.
    public var message: Message
    /// When it was published, by the bus's wall clock.
    public var publishedAt: Timestamp

    /// Each parameter is the property of its name.
    public init(offset: Int64, routingKey: RoutingKey, message: Message, publishedAt: Timestamp) {
        self.offset = offset
        self.routingKey = routingKey
        self.message = message
        self.publishedAt = publishedAt
    }
}

/// Where a subscription starts.
public enum HistoryPosition: Sendable, Hashable {
    /// The oldest retained event.
    case first
    /// What is published from now on.
    case next
    /// The event with this offset, or the first one after it.
    case offset(Int64)
}

/// How long an exchange keeps its history; the older or surplus events are deleted.
public struct EventExchangeOptions: Sendable, Hashable {
    /// Older events are deleted; some stay a while longer.
    public var maximumAge: Duration
    /// Bytes of bodies and headers.
    public var maximumBytes: Int

    /// - Parameters:
    ///   - maximumAge: 7 days unless given.
    ///   - maximumBytes: 1 GiB unless given.
    public init(maximumAge: Duration = .seconds(7 * 86400), maximumBytes: Int = 1 << 30) {
        self.maximumAge = maximumAge
        self.maximumBytes = maximumBytes
    }
}

/// The events of one subscription.
public typealias Events = Batches<RecordedEvent>
