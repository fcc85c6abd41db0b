public import Runtime

/// How a work queue stands.
public struct WorkQueueStatus: Sendable, Hashable {
    /// Which queue.
    public var queue: QueueName
    /// Jobs that a consumer could be given now.
    public var ready: Int
    /// Jobs waiting for their retry delay.
    public var delayed: Int
    /// Jobs delivered and not settled.
    public var inFlight: Int
    /// Jobs in the dead letters.
    public var deadLetters: Int
    /// Attached consumers, active or not.
    public var consumers: Int
    /// How long the oldest job that is not settled has been in the queue; never negative; nil when there is none.
    public var oldestAge: Duration?

    /// Each parameter is the property of its name.
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
    /// A number for each dead letter of a queue, the same in every listing.
    public struct ID: RawRepresentable, Hashable, Sendable, Comparable {
        /// The number, to be shown and taken back.
        public let rawValue: Int64
        /// The id with that number.
        public init(rawValue: Int64) { self.rawValue = rawValue }
        /// Compares the numbers. The order in which letters died is that of the listing.
        public static func < (left: ID, right: ID) -> Bool { left.rawValue < right.rawValue }
    }

    /// Which of the dead letters of its queue.
    public var id: ID
    /// The message, as it was enqueued.
    public var message: Message
    /// Why it died: the worker's reason, `attempts exhausted: …` or `expired`.
    public var reason: String
    /// How often it was delivered.
    public var attempts: Int
    /// When it was enqueued.
    public var enqueuedAt: Timestamp
    /// When it went to the dead letters.
    public var diedAt: Timestamp

    /// Each parameter is the property of its name.
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
