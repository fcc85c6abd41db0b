/// A method that is sent on a channel. The broker answers all but `ack` and `giveBack`.
enum AMQPRequest: Sendable, Hashable {
    case openChannel
    case closeChannel
    case selectConfirms
    case setPrefetch(UInt16)
    /// Passive: only asks whether it exists.
    case declareExchange(String, kind: String, isPassive: Bool)
    case declareQueue(String, isPassive: Bool, arguments: [AMQPField])
    case bind(queue: String, exchange: String, key: String)
    /// A channel has one consumer at most.
    case consume(String, arguments: [AMQPField])
    /// Ends the channel's consumer. What it has stays in its hands.
    case cancel
    case ack(UInt64, isMultiple: Bool)
    /// Gives messages back to their queue.
    case giveBack(UInt64, isMultiple: Bool)

    /// What the request is about, for errors.
    var subject: AMQPSubject {
        switch self {
        case .declareQueue(let name, _, _), .consume(let name, _): .queue(name)
        case .declareExchange(let name, _, _), .bind(_, let name, _): .exchange(name)
        default: .other
        }
    }
}

/// What the broker answers to a request.
enum AMQPReply: Sendable {
    case done
    case queue(messages: Int, consumers: Int)
}
