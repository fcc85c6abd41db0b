internal import CRdKafka
internal import Runtime
internal import Synchronization

/// One client for what is asked now and then: topics, offsets, administration.
///
/// librdkafka's calls for these block, so they run on threads of their own; a call that waited its time out for a
/// thread is not begun.
final class ClusterLookup: Sendable {
    /// Calls that may wait for the threads; beyond, they fail at once.
    private static let maximumWaiting = 1000

    private let core: KafkaCore
    private let handle: KafkaHandle
    /// Two, so that one that waits for a broker that is away does not hold up all others.
    private let threads = [BlockingThread(name: "kafka-lookup"), BlockingThread(name: "kafka-lookup")]
    private let turn = Atomic(0)
    private let waiting = Atomic(0)
    private let errors: ClientErrors

    init(_ core: KafkaCore) throws(BusError) {
        self.core = core
        handle = try KafkaHandle(.consumer, core.configuration.lookup, log: core.libraryLog)
        do {
            errors = try ClientErrors(of: handle, watch: core.watch)
        } catch {
            handle.destroy()
            throw error
        }
    }

    /// Runs blocking calls on one of the threads.
    /// - Parameter body: Is given how many milliseconds are left.
    /// - Throws: `.unavailable` when the time is over, `.closed`, and what the body throws.
    func perform<T: Sendable>(
        within limit: Duration? = nil, _ body: @escaping @Sendable (KafkaHandle, Int32) throws -> T
    ) async throws(BusError) -> T {
        let deadline = core.time.uptime + (limit ?? core.configuration.requestTimeout)
        let count = waiting.wrappingAdd(1, ordering: .relaxed).newValue
        defer { waiting.wrappingSubtract(1, ordering: .relaxed) }
        guard count <= Self.maximumWaiting else { throw BusError(.unavailable, "too many Kafka lookups wait") }
        let index = turn.wrappingAdd(1, ordering: .relaxed).newValue
        do {
            return try await threads[abs(index % threads.count)].run { [core, handle] in
                guard !core.isClosing else { throw KafkaCore.closed }
                let remaining = (deadline - core.time.uptime).milliseconds
                guard remaining > 0 else { throw BusError(.unavailable, "no Kafka broker answered in time") }
                return try body(handle, Int32(clamping: remaining))
            }
        } catch let error as BusError {
            throw error
        } catch {
            throw KafkaCore.closed
        }
    }

    /// Hands blocking calls to one of the threads and returns at once.
    /// - Returns: False when the client is closed: then the body never runs.
    func submit(_ body: @escaping @Sendable (KafkaHandle, Int32) -> Void) -> Bool {
        threads[0].submit { [core, handle] in
            body(handle, Int32(clamping: core.configuration.requestTimeout.milliseconds))
        }
    }

    /// As `perform`, again after a moment when it was only not possible then, until the time is over.
    func retrying<T: Sendable>(
        _ body: @escaping @Sendable (KafkaHandle, Int32) throws -> T
    ) async throws(BusError) -> T {
        let deadline = core.time.uptime + core.configuration.requestTimeout
        while true {
            do {
                let value = try await perform(within: deadline - core.time.uptime, body)
                core.watch.succeeded()
                return value
            } catch {
                let next = core.time.uptime + .milliseconds(100)
                guard error.code == .unavailable, next < deadline else { throw error }
                do { try await core.time.sleep(until: next) } catch { throw Self.cancelled }
            }
        }
    }

    static let cancelled = BusError(.unavailable, "the task was cancelled")

    /// Asks any broker for a sign of life.
    func probe(within limit: Duration) async throws(BusError) {
        try await perform(within: limit) { handle, milliseconds in
            var metadata: UnsafePointer<rd_kafka_metadata>?
            let error = rd_kafka_metadata(handle.raw, 0, nil, &metadata, milliseconds)
            guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { throw BusError(kafka: error, "reaching the cluster") }
            rd_kafka_metadata_destroy(metadata)
        }
        core.watch.succeeded()
    }

    /// Ends the client, after calls that are in a thread's hands. Returns after 2 s at the latest.
    func close() async {
        let done = Signal()
        let closer = BlockingThread(name: "kafka-close")
        closer.submit { [threads, errors, handle] in
            for thread in threads { thread.stop() }
            errors.stop()
            handle.destroy()
            done.raise()
        }
        await done.wait(past: 0, until: core.time.uptime + .seconds(2), time: core.time)
    }
}
