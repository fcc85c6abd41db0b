internal import CRdKafka
internal import Runtime
internal import Synchronization

/// Takes librdkafka's log lines into ours, few of a kind.
///
/// Called by any of the library's threads.
final class KafkaLibraryLog: Sendable {
    private let logger: Logger
    private let time: any TimeSource
    private let throttle = Mutex(LogThrottle())

    init(logger: Logger, time: any TimeSource) {
        self.logger = logger
        self.time = time
    }

    /// librdkafka's `log_cb`; the client's opaque is the log.
    static let callback:
        @convention(c) (
            OpaquePointer?, Int32, UnsafePointer<CChar>?, UnsafePointer<CChar>?
        ) -> Void = { handle, level, facility, text in
            guard let handle, let facility, let text, let opaque = rd_kafka_opaque(handle) else { return }
            Unmanaged<KafkaLibraryLog>.fromOpaque(opaque).takeUnretainedValue()
                .write(level, String(cString: facility), String(cString: text))
        }

    private func write(_ level: Int32, _ facility: String, _ text: String) {
        // Says which of the properties do not concern this kind of client: they are meant for the others.
        guard facility != "CONFWARN" else { return }
        guard let suppressed = throttle.withLock({ $0.admit(facility, at: time.uptime) }) else { return }
        let fields: LogFields = ["facility": "\(facility)", "text": "\(text)", "suppressed": "\(suppressed)"]
        // The library's levels are syslog's. What it calls an error, such as a broker that is away, it deals with.
        switch level {
        case ..<3: logger.error("librdkafka", fields)
        case 3, 4: logger.warning("librdkafka", fields)
        case 5: logger.notice("librdkafka", fields)
        case 6: logger.info("librdkafka", fields)
        default: logger.debug("librdkafka", fields)
        }
    }
}

/// Lets through one line of a kind in half a minute, and counts the others.
struct LogThrottle {
    static let interval: Duration = .seconds(30)
    /// Kinds are librdkafka's facilities, a few dozen; more would be a fault and share one place.
    private static let maximumKinds = 256

    private var kinds: [String: (next: Duration, suppressed: Int)] = [:]

    /// How many lines were held back since the last one of the kind; nil if this one is held back as well.
    mutating func admit(_ kind: String, at now: Duration) -> Int? {
        let kind = kinds[kind] == nil && kinds.count >= Self.maximumKinds ? "" : kind
        let known = kinds[kind] ?? (next: .zero, suppressed: 0)
        guard now >= known.next else {
            kinds[kind] = (known.next, known.suppressed + 1)
            return nil
        }
        kinds[kind] = (now + Self.interval, 0)
        return known.suppressed
    }
}
