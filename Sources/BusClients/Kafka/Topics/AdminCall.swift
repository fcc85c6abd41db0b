internal import CRdKafka

/// One call of librdkafka's administration, waited for on the thread that makes it.
struct AdminCall {
    private let operation: rd_kafka_admin_op_t
    /// What it does, for errors.
    private let what: String

    init(_ operation: rd_kafka_admin_op_t, _ what: String) {
        self.operation = operation
        self.what = what
    }

    /// Starts the call and returns its result event.
    /// - Parameters:
    ///   - broker: Which one is asked; nil is the one that librdkafka chooses, such as the controller.
    ///   - start: Is given the call's options and the queue that its result comes to.
    /// - Throws: What the call as a whole failed with; what it says of single topics or groups is in the event.
    func run(
        on handle: KafkaHandle, broker: Int32? = nil, within milliseconds: Int32,
        _ start: (OpaquePointer, OpaquePointer) throws -> Void
    ) throws -> KafkaEvent {
        let queue = try KafkaQueue.new(of: handle)
        guard let options = rd_kafka_AdminOptions_new(handle.raw, operation) else {
            throw BusError(.unavailable, "out of memory")
        }
        defer { rd_kafka_AdminOptions_destroy(options) }
        var reason = [CChar](repeating: 0, count: 256)
        var code = rd_kafka_AdminOptions_set_request_timeout(options, milliseconds, &reason, reason.count)
        if let broker, code == RD_KAFKA_RESP_ERR_NO_ERROR {
            code = rd_kafka_AdminOptions_set_broker(options, broker, &reason, reason.count)
        }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw BusError(kafka: code, what) }
        try start(options, queue.raw)
        // The library ends the request in time; the second more only catches that it should not.
        guard let event = queue.poll(for: .milliseconds(Int64(milliseconds) + 1000)) else {
            throw BusError(.unavailable, "\(what) failed: no answer in time")
        }
        guard event.error == RD_KAFKA_RESP_ERR_NO_ERROR else { throw BusError(kafka: event.error, what) }
        return event
    }

    /// A broker that answers, for calls that any broker serves: not every cluster names its controller to its clients.
    static func anyBroker(of handle: KafkaHandle, within milliseconds: Int32) throws -> Int32 {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let error = rd_kafka_metadata(handle.raw, 0, nil, &metadata, milliseconds)
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else {
            throw BusError(kafka: error, "finding a broker")
        }
        defer { rd_kafka_metadata_destroy(metadata) }
        // Negative: an address that was not known to be a broker yet.
        if metadata.pointee.orig_broker_id >= 0 { return metadata.pointee.orig_broker_id }
        guard metadata.pointee.broker_cnt > 0 else { throw BusError(.unavailable, "the cluster names no broker") }
        return metadata.pointee.brokers[0].id
    }
}
