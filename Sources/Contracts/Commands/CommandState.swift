/// How far a command has come; each state has its evidence.
package enum CommandState: String, Sendable, CaseIterable {
    /// Durable on the bus.
    case accepted
    /// In Kafka, at a partition and offset.
    case published
    /// The device said it did it.
    case acknowledged
    /// The device said it did not.
    case rejected
    /// The device said nothing for as long as its answer was waited for.
    case timedOut = "timed_out"
    /// It can not be published, or not be handed to its device.
    case failed
    /// Its time was over before it was published, or before it was handed to its device.
    case expired
    /// Somebody asked that it is not published, in time.
    case cancelled

    /// Whether nothing can follow.
    package var isFinal: Bool { self != .accepted && self != .published }

    /// A state replaces only one of lower rank: the device's word beats Kafka's, and Kafka's a failure to reach it.
    package var rank: Int {
        switch self {
        case .accepted: 0
        case .failed, .expired, .cancelled: 1
        case .published, .timedOut: 2
        case .acknowledged, .rejected: 3
        }
    }
}
