internal import CRdKafka
internal import Runtime
internal import Synchronization

/// Takes what a client reports of its brokers' connections to the watch, as it comes.
final class ClientErrors: Sendable {
    private let thread = BlockingThread(name: "kafka-errors")
    private let queue: Mutex<KafkaQueue?>
    private let watch: ConnectionWatch

    init(of handle: KafkaHandle, watch: ConnectionWatch) throws(BusError) {
        let queue = try KafkaQueue.main(of: handle)
        self.queue = Mutex(queue)
        self.watch = watch
        // Called by the library's threads with the queue locked: only hands over. `stop` ends it before we go.
        rd_kafka_queue_cb_event_enable(
            queue.raw,
            { _, opaque in
                guard let opaque else { return }
                Unmanaged<ClientErrors>.fromOpaque(opaque).takeUnretainedValue().arrived()
            }, Unmanaged.passUnretained(self).toOpaque())
        arrived()
    }

    private func arrived() { thread.submit { [weak self] in self?.drain() } }

    private func drain() {
        guard let queue = queue.withLock({ $0 }) else { return }
        while let event = queue.poll(for: .zero) {
            if event.type == RD_KAFKA_EVENT_ERROR { watch.failed(event.error, event.errorText) }
        }
    }

    /// Before the client is destroyed, on a thread that may block.
    func stop() {
        if let queue = queue.withLock({ $0.take() }) { rd_kafka_queue_cb_event_enable(queue.raw, nil, nil) }
        thread.stop()
    }
}
