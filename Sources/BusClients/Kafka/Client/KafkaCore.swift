internal import Runtime
internal import Synchronization

/// What the parts of one Kafka client share, and the parts that read, so that closing ends them.
final class KafkaCore: Sendable {
    let configuration: KafkaConfiguration
    let time: any TimeSource
    let logger: Logger
    let watch: ConnectionWatch
    let metrics: KafkaMetrics
    let libraryLog: KafkaLibraryLog
    private let readers = Mutex<[ObjectIdentifier: any KafkaReader]>([:])

    init(
        _ configuration: KafkaConfiguration, time: any TimeSource, logger: Logger, metrics: MetricsRegistry?
    ) {
        self.configuration = configuration
        self.time = time
        self.logger = logger
        watch = ConnectionWatch(time: time, logger: logger)
        self.metrics = KafkaMetrics(metrics ?? MetricsRegistry())
        libraryLog = KafkaLibraryLog(logger: logger, time: time)
    }

    var isClosing: Bool { watch.isClosed }

    static let closed = BusError(.closed, "the Kafka client is closed")

    /// Keeps a reader until it has closed.
    /// - Throws: `.closed` when the client is.
    func add(_ reader: any KafkaReader) throws(BusError) {
        let isAccepted = readers.withLock { readers in
            if isClosing { return false }
            readers[ObjectIdentifier(reader)] = reader
            return true
        }
        guard isAccepted else { throw Self.closed }
    }

    func remove(_ reader: any KafkaReader) {
        _ = readers.withLock { $0.removeValue(forKey: ObjectIdentifier(reader)) }
    }

    /// Ends every reader, each within its bound.
    func closeReaders() async {
        let all = readers.withLock { Array($0.values) }
        await withTaskGroup(of: Void.self) { group in
            for reader in all { group.addTask { await reader.close() } }
        }
    }

    /// A topic has more partitions than before.
    func announceGrowth(of topic: Topic, to partitions: Int) {
        for reader in readers.withLock({ Array($0.values) }) { reader.topicGrew(topic, to: partitions) }
    }
}

/// Something with a librdkafka client of its own that reads until it is closed.
protocol KafkaReader: AnyObject, Sendable {
    /// Ends it and releases its client. Idempotent; returns within a few seconds.
    func close() async

    /// A topic has that many partitions now.
    func topicGrew(_ topic: Topic, to partitions: Int)
}
