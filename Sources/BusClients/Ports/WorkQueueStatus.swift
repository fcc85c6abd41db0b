public import Runtime

/// How a work queue stands.
public struct WorkQueueStatus: Sendable, Hashable {
    public var queue: QueueName
    /// Jobs that a consumer could be given now.
    public var ready: Int
    /// Jobs waiting for their retry delay.
    public var delayed: Int
    /// Jobs delivered and not settled.
    public var inFlight: Int
    public var deadLetters: Int
    /// Attached consumers, active or not.
    public var consumers: Int
    /// How long the oldest job that is not settled has been in the queue; never negative; nil when there is none.
    public var oldestAge: Duration?

    public init(
        queue: QueueName, ready: Int, delayed: Int, inFlight: Int, deadLetters: Int, consumers: Int,
        oldestAge: Duration?
    ) {
        self.queue = queue
        self.ready = ready
        self.delayed = delayed
        self.inFlight = inFlight
        self.deadLetters = deadLetters
        self.consumers = consumers
        self.oldestAge = oldestAge
    }
}

/// A job that will not be delivered any more.
public struct DeadLetter: Sendable, Hashable, Identifiable {
    /// The position in the dead letters of the queue.
    public struct ID: RawRepresentable, Hashable, Sendable, Comparable {
        public let rawValue: Int64
        public init(rawValue: Int64) { self.rawValue = rawValue }
        public static func < (left: ID, right: ID) -> Bool { left.rawValue < right.rawValue }
    }

    public var id: ID
    public var message: Message
    /// Why it died: the worker's reason, `attempts exhausted: …` or `expired`.
    public var reason: String
    public var attempts: Int
    public var enqueuedAt: Timestamp
    public var diedAt: Timestamp

    public init(
        id: ID, message: Message, reason: String, attempts: Int, enqueuedAt: Timestamp, diedAt: Timestamp
    ) {
        self.id = id
        self.message = message
        self.reason = reason
        self.attempts = attempts
        self.enqueuedAt = enqueuedAt
        self.diedAt = diedAt
    }
}
