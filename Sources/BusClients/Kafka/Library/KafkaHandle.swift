internal import CRdKafka
internal import Synchronization

/// Owns one librdkafka client.
///
/// Whoever makes it calls `destroy` once, on a thread that may block; everything else may be called from any thread.
///
/// `@unchecked Sendable`: librdkafka's clients are thread-safe, and the pointer does not change.
final class KafkaHandle: @unchecked Sendable {
    enum Kind {
        case producer, consumer
    }

    let raw: OpaquePointer
    private let log: Unmanaged<KafkaLibraryLog>
    private let isDestroyed = Atomic(false)

    /// Starts the client and its threads; they connect when something needs a broker.
    init(_ kind: Kind, _ properties: KafkaProperties, log: KafkaLibraryLog) throws(BusError) {
        let configuration = try properties.makeConfiguration()
        let opaque = Unmanaged.passRetained(log)
        rd_kafka_conf_set_opaque(configuration, opaque.toOpaque())
        rd_kafka_conf_set_log_cb(configuration, KafkaLibraryLog.callback)
        rd_kafka_conf_set_events(configuration, properties.events)
        var reason = [CChar](repeating: 0, count: 512)
        let type = kind == .producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER
        guard let raw = rd_kafka_new(type, configuration, &reason, reason.count) else {
            rd_kafka_conf_destroy(configuration)
            opaque.release()
            throw BusError(.unsupported, "the Kafka client cannot start: \(String(nulTerminated: reason))")
        }
        self.raw = raw
        self.log = opaque
    }

    deinit { assert(isDestroyed.load(ordering: .acquiring), "a Kafka client was dropped without destroy()") }

    /// Ends the client's threads. Blocks; not from a callback. Idempotent.
    func destroy() {
        guard !isDestroyed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        // A member that could not close within its time must not wait for its group a second time.
        rd_kafka_destroy_flags(raw, Int32(RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE))
        log.release()
    }
}

extension String {
    /// The text of a C buffer up to its first zero.
    init(nulTerminated buffer: [CChar]) {
        self.init(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
