internal import CRabbitMQ

/// Hands a channel's confirms and returns to the publisher.
final class PublisherChannel: ChannelSink {
    private let publisher: Publisher

    init(publisher: Publisher) { self.publisher = publisher }

    func confirmed(_ confirm: Confirm) { publisher.confirmed(confirm) }
    func returned(_ message: ReceivedMessage) { publisher.returned(message) }
    func turnEnded() { publisher.applyConfirms() }
    func closed(_ error: BusError) { publisher.channelClosed(self, error) }
}

/// What the publisher keeps between two turns of its link.
///
/// `@unchecked Sendable`: only used on the link's thread.
final class PublisherThreadState: @unchecked Sendable {
    private(set) var channel: Channel?
    /// Confirms of this turn.
    var confirms: [Confirm] = []
    /// Messages that have their tag and wait for room in the socket.
    private var taken = Fifo<PublisherState.Sending>()
    private let encoder = MessageEncoder()

    /// Takes a new channel.
    /// - Returns: False when there is one: two that were opened at the same time must not both be counted on.
    func begin(_ channel: Channel) -> Bool {
        guard self.channel?.end != nil || self.channel == nil else { return false }
        self.channel = channel
        confirms.removeAll()
        taken = Fifo()
        return true
    }

    func end() {
        channel = nil
        taken = Fifo()
    }

    func next(refill: () -> [PublisherState.Sending]) -> PublisherState.Sending? {
        if taken.isEmpty { taken = Fifo(refill()) }
        return taken.popFirst()
    }

    func send(_ sending: PublisherState.Sending, on channel: Channel, _ io: LinkIO) {
        let message = sending.outgoing.message
        encoder.withEncoded(sending.outgoing, isResent: sending.isResent) { exchange, routingKey, properties in
            io.attempt { connection throws(BusError) in
                try connection.publish(
                    exchange: exchange, routingKey: routingKey, properties: &properties,
                    headerBytes: message.headers.encoded.count + 512, body: message.body, on: channel.number)
            }
        }
    }
}

extension BusError {
    /// Whether RabbitMQ's words are about this exchange; it calls the default one `amq.default`.
    func names(exchange: String) -> Bool {
        message.contains("exchange '\(exchange.isEmpty ? "amq.default" : exchange)'")
    }
}
