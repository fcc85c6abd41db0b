internal import CRdKafka
internal import Runtime
internal import Synchronization

/// Judges what brokers refuse for good, because each such refusal costs the producer its client and with it whatever
/// else is in flight.
final class TopicRefusals: Sendable {
    /// A topic that this program may not write to is not tried again before that.
    private static let pause: Duration = .seconds(5)
    /// Bytes that a record's framing and its batch add, at most (Kafka's record format, version 2).
    private static let framing = 100

    private let core: KafkaCore
    private let lookup: ClusterLookup
    private let refused = Mutex<[Topic: (error: BusError, until: Duration)]>([:])
    private let hasAny = Atomic(false)

    init(_ core: KafkaCore, lookup: ClusterLookup) {
        self.core = core
        self.lookup = lookup
    }

    /// Throws the last refusal while its pause lasts.
    func check(_ topic: Topic) throws(BusError) {
        guard hasAny.load(ordering: .relaxed) else { return }
        let refusal = refused.withLock { refused in
            if let known = refused[topic], known.until <= core.time.uptime { refused[topic] = nil }
            if refused.isEmpty { hasAny.store(false, ordering: .relaxed) }
            return refused[topic]
        }
        if let refusal { throw refusal.error }
    }

    /// What the caller is told of a failed append.
    func judge(_ error: BusError, of records: [LogRecord], to topic: Topic) async -> BusError {
        switch error.code {
        case .accessRefused:
            refused.withLock { refused in
                if refused[topic] == nil { refused[topic] = (error, core.time.uptime + Self.pause) }
                hasAny.store(true, ordering: .relaxed)
            }
            return error
        case .messageTooLarge where error.underlyingCode != nil: return await judgeSize(error, of: records, to: topic)
        default: return error
        }
    }

    /// A broker refuses a batch, with every record in it: whose fault it was, the topic's limit tells.
    private func judgeSize(_ error: BusError, of records: [LogRecord], to topic: Topic) async -> BusError {
        let limit: Int?
        do {
            limit = try await lookup.perform { handle, milliseconds in
                try TopicConfiguration(topic).read(from: handle, within: milliseconds)
                    .first { $0.name == "max.message.bytes" }.flatMap { Int($0.value) }
            }
        } catch let unknown {
            // Without the limit the broker's word stands.
            core.logger.debug("topic_limit_unknown", ["topic": "\(topic)", "error": "\(unknown)"])
            return error
        }
        guard let limit, records.allSatisfy({ $0.byteCount + Self.framing <= limit }) else { return error }
        return BusError(
            .unavailable,
            "a batch was larger than the topic's \(limit) bytes; the Kafka property batch.size must be below them",
            underlyingCode: error.underlyingCode)
    }
}
