internal import Runtime

/// A message as the broker handed it over.
struct ReceivedMessage: Sendable {
    /// What settles it on its channel.
    var tag: UInt64 = 0
    /// Whether the broker has given it out before.
    var isRedelivered = false
    var exchange = ""
    var routingKey = ""
    /// Empty when the producer gave none.
    var id = ""
    /// The producer's headers.
    var headers = Headers()
    var own = OwnHeaders()
    var broker = BrokerHeaders()
    var body: [UInt8] = []

    /// The message on the bus. One without an id gets `unidentified-` and the digest of its body, so that the same
    /// message has the same id on every delivery.
    var message: Message {
        let name = id.isEmpty ? "unidentified-" + String(Digest.of(body), radix: 16) : id
        return Message(id: MessageID(name), headers: headers, body: body)
    }

    /// Which delivery of the job this is; 1 for the first.
    var attempt: Int {
        let deliveries = max(broker.deliveries ?? 0, isRedelivered ? 1 : 0)
        return 1 + clamped(own.attempts) + clamped(deliveries) + (own.isResent ? 1 : 0)
    }

    /// When it was sent, or now when the producer did not say.
    func sentAt(else now: @autoclosure () -> Timestamp) -> Timestamp {
        own.sentAt.map(Timestamp.init(microseconds:)) ?? now()
    }

    /// A foreign number may be anything.
    private func clamped(_ count: Int?) -> Int { min(max(count ?? 0, 0), 1_000_000) }
}

/// What RabbitMQ notes in a message's headers.
struct BrokerHeaders: Sendable, Hashable {
    /// `x-delivery-count`: how often a quorum queue got it back.
    var deliveries: Int?
    /// `x-stream-offset`.
    var offset: Int64?
    /// Why a queue gave it up the last time (`x-death`): `expired`, `delivery_limit`, `maxlen`, `rejected`. Not
    /// `x-first-death-reason`, which is that of the first delayed retry.
    var deathReason: String?
    /// When, in seconds since 1970.
    var diedAt: Int64?
}

/// 64-bit FNV-1a, the same in every process.
///
/// Source: <https://datatracker.ietf.org/doc/draft-eastlake-fnv/>, section 6.
struct Digest {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    }

    mutating func add(_ number: Int64) {
        for shift in stride(from: 0, to: 64, by: 8) { add(CollectionOfOne(UInt8(truncatingIfNeeded: number >> shift))) }
    }

    static func of(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var digest = Digest()
        digest.add(bytes)
        return digest.value
    }
}
