internal import Runtime

/// One message on its way to the broker.
struct Outgoing: Sendable {
    /// Empty for the default exchange, which takes a queue's name as the routing key.
    var exchange = ""
    var routingKey: String
    var message: Message
    var own: OwnHeaders
    /// Whether `own.sentAt` is a time of publishing; else it is one of enqueuing.
    var isEvent = false
    /// Milliseconds until the broker moves it to the dead letters of its queue.
    var expiration: Int64?

    /// What it takes of the bounds on unconfirmed messages: body, headers, names.
    var byteCount: Int {
        message.body.count + message.headers.encoded.count + message.id.rawValue.utf8.count + routingKey.utf8.count
            + 128
    }

    /// What must be declared for the message to be taken: a queue, or an exchange with its history.
    var place: String {
        exchange.isEmpty || exchange == BrokerNames.deadLetters ? "queue \(routingKey)" : "exchange \(exchange)"
    }

    /// RabbitMQ takes at most 2³² − 1 ms (`?MAX_EXPIRY_TIMER` in rabbit_common's rabbit.hrl).
    static let maximumExpiration: Int64 = 4_294_967_295

    /// A time to live as the broker takes it: whole milliseconds, rounded up.
    static func expiration(of duration: Duration) -> Int64 {
        let (seconds, attoseconds) = max(duration, .zero).components
        guard seconds < maximumExpiration / 1000 else { return maximumExpiration }
        return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}

extension Outgoing {
    /// Bytes of headers, names included, that surely fit a frame of RabbitMQ's (131,072 bytes by default).
    static let maximumHeaderBytes = 64 << 10

    /// Refuses what AMQP or RabbitMQ cannot carry as a message of ours.
    func validate() throws(BusError) {
        try message.validate()
        let headers = message.headers.encoded
        guard headers.count <= Self.maximumHeaderBytes else {
            throw BusError(
                .messageTooLarge,
                "on RabbitMQ the headers have at most \(Self.maximumHeaderBytes) bytes, these \(headers.count)")
        }
        var offset = 0
        while offset + 2 <= headers.count {
            let length = Int(headers[offset]) | Int(headers[offset + 1]) << 8
            let start = offset + 2
            guard start + length + 4 <= headers.count else { return }
            guard length <= 255 else {
                throw BusError(.invalidName, "on RabbitMQ a header's name has at most 255 bytes, this one \(length)")
            }
            // RabbitMQ routes a message by these two, and closes the channel when they are no lists.
            if length == 2 || length == 3, headers[start..<start + length].elementsEqual("BCC".utf8.suffix(length)) {
                throw BusError(.unsupported, "RabbitMQ keeps the headers CC and BCC for itself")
            }
            offset = start + length
            var valueLength = 0
            for byte in 0..<4 { valueLength |= Int(headers[offset + byte]) << (8 * byte) }
            offset += 4 + valueLength
        }
    }
}
