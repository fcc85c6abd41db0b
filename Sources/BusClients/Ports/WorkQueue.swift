/// A queue whose every job goes to one worker.
///
/// Safe to use from any task. Jobs are handed out in the order they were enqueued; a job that is retried keeps its
/// place in that order once its delay is over. `close` on the owning `Bus` ends every consumer.
///
/// Every call may throw `.unavailable`, `.accessRefused` and `.closed`; a name that was not declared is
/// `.unknownQueue`, and one that no broker could take `.invalidName`. What else, each call says.
public protocol WorkQueue: Sendable {
    /// Creates the queue, or changes the options of an existing one. Idempotent.
    /// - Throws: `.unsupported` for changed options where the transport cannot (`WorkQueueFeatures.changesOptions`).
    func declare(_ queue: QueueName, _ options: WorkQueueOptions) async throws(BusError)

    /// Adds jobs; returns once all of them are durable, or throws and none was added
    /// (`WorkQueueFeatures.enqueuesAllOrNone`).
    ///
    /// A job whose id is already waiting or in flight in this queue is not added a second time where the transport
    /// can tell (`WorkQueueFeatures.deduplicatesWaitingJobs`).
    /// - Throws: `.unavailable`, `.unconfirmed`, `.diskFull`, `.queueFull`, `.messageTooLarge`, `.unknownQueue`.
    func enqueue(_ jobs: [Job], to queue: QueueName) async throws(BusError)

    /// Consumes the queue. At most `prefetch` deliveries are unsettled at a time: no more are leased until some settle.
    ///
    /// Each element is what was ready, at least one delivery. The sequence ends when its task is cancelled or the bus
    /// closes; deliveries that are unsettled then return to the queue at once.
    /// - Parameters:
    ///   - queue: A declared queue.
    ///   - prefetch: Deliveries, at least 1; what a worker handles at a time, and a little more.
    func consume(_ queue: QueueName, prefetch: Int) async throws(BusError) -> Deliveries

    /// How the queue stands now.
    func status(of queue: QueueName) async throws(BusError) -> WorkQueueStatus

    /// The names of all declared queues, sorted (`WorkQueueFeatures.namesEveryQueue`).
    func queueNames() async throws(BusError) -> [QueueName]

    /// Dead letters in the order they died.
    /// - Parameters:
    ///   - queue: The queue whose jobs they were.
    ///   - after: The last one of the page before; nil begins with the oldest.
    ///   - limit: Dead letters of one answer, at most.
    func deadLetters(
        of queue: QueueName, after: DeadLetter.ID?, limit: Int
    ) async throws(BusError) -> [DeadLetter]

    /// Puts dead letters back at the end of their queue with their attempts reset.
    /// - Returns: How many of them there were; the others were replayed or dropped before.
    /// - Throws: `.queueFull`, `.diskFull`.
    func replay(_ letters: [DeadLetter.ID], of queue: QueueName) async throws(BusError) -> Int

    /// Deletes dead letters.
    /// - Returns: How many of them there were; the others were replayed or dropped before.
    func drop(_ letters: [DeadLetter.ID], of queue: QueueName) async throws(BusError) -> Int

    /// What this transport can and cannot do.
    var features: WorkQueueFeatures { get }

    /// How the transport reaches its broker now.
    var connection: ConnectionHealth { get }
}

/// One job to enqueue.
public struct Job: Sendable, Hashable {
    /// Identity, headers and body.
    public var message: Message
    /// How long the job may wait before it goes to the dead letters as `expired`; nil takes the queue's.
    public var timeToLive: Duration?

    /// - Parameters:
    ///   - message: Its id tells a job that was enqueued twice.
    ///   - timeToLive: nil takes the queue's.
    public init(_ message: Message, timeToLive: Duration? = nil) {
        self.message = message
        self.timeToLive = timeToLive
    }
}

/// How a queue behaves.
public struct WorkQueueOptions: Sendable, Hashable {
    /// Deliveries of one job before it goes to the dead letters as `attempts exhausted`; at least 1.
    public var maximumAttempts: Int
    /// How long a delivery may stay unsettled before it is delivered again; a running consumer renews its leases.
    public var leaseDuration: Duration
    /// How long a job may wait; nil is for ever.
    public var timeToLive: Duration?
    /// Jobs, waiting and in flight, beyond which `enqueue` throws `.queueFull`.
    public var maximumLength: Int
    /// Only one consumer at a time is given deliveries; another takes over when it leaves.
    public var singleActiveConsumer: Bool

    /// - Parameters:
    ///   - maximumAttempts: 5 unless given.
    ///   - leaseDuration: 30 s unless given.
    ///   - timeToLive: For ever unless given.
    ///   - maximumLength: 1,000,000 unless given.
    ///   - singleActiveConsumer: false unless given.
    public init(
        maximumAttempts: Int = 5, leaseDuration: Duration = .seconds(30), timeToLive: Duration? = nil,
        maximumLength: Int = 1_000_000, singleActiveConsumer: Bool = false
    ) {
        self.maximumAttempts = maximumAttempts
        self.leaseDuration = leaseDuration
        self.timeToLive = timeToLive
        self.maximumLength = maximumLength
        self.singleActiveConsumer = singleActiveConsumer
    }
}

/// What a work queue transport can do, where transports differ.
public struct WorkQueueFeatures: Sendable, Hashable {
    /// Enqueuing an id that is still in the queue adds nothing. Without it the job is there twice.
    public var deduplicatesWaitingJobs: Bool
    /// A call that throws has added no job. Without it some of its jobs may have been added, each at most once.
    public var enqueuesAllOrNone: Bool
    /// `maximumLength` holds to the job. Without it producers may overshoot by what they have in flight.
    public var boundsLengthExactly: Bool
    /// A job that was retried after a delay comes back to its old place. Without it it comes back at the end; a retry
    /// without a delay keeps its place everywhere.
    public var keepsPlaceAfterDelay: Bool
    /// `declare` changes the options of an existing queue. Without it other options than the queue has are refused.
    public var changesOptions: Bool
    /// `queueNames` knows the queues that other processes declared. Without it only those of this process.
    public var namesEveryQueue: Bool

    /// Each parameter is the property of its name.
    public init(
        deduplicatesWaitingJobs: Bool, enqueuesAllOrNone: Bool, boundsLengthExactly: Bool, keepsPlaceAfterDelay: Bool,
        changesOptions: Bool, namesEveryQueue: Bool
    ) {
        self.deduplicatesWaitingJobs = deduplicatesWaitingJobs
        self.enqueuesAllOrNone = enqueuesAllOrNone
        self.boundsLengthExactly = boundsLengthExactly
        self.keepsPlaceAfterDelay = keepsPlaceAfterDelay
        self.changesOptions = changesOptions
        self.namesEveryQueue = namesEveryQueue
    }
}
