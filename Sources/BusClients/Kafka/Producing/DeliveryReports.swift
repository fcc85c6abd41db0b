internal import CRdKafka

/// Takes delivery reports off their events, many at a time. One thread's.
final class DeliveryReports {
    private static let capacity = 1024

    private let buffer = UnsafeMutablePointer<UnsafePointer<rd_kafka_message_t>?>.allocate(capacity: capacity)
    /// The calls that have their last report, and how many records were confirmed, since `clear`.
    private(set) var ended: [Unmanaged<AppendCall>] = []
    private(set) var confirmed = 0

    init() { buffer.initialize(repeating: nil, count: Self.capacity) }

    deinit { buffer.deallocate() }

    func take(_ event: KafkaEvent) {
        while true {
            let count = rd_kafka_event_message_array(event.raw, buffer, Self.capacity)
            for index in 0..<count {
                guard let report = buffer[index] else { continue }
                if report.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR { confirmed += 1 }
                if let call = AppendCall.take(report) { ended.append(call) }
            }
            if count < Self.capacity { return }
        }
    }

    func clear() {
        ended.removeAll(keepingCapacity: true)
        confirmed = 0
    }
}
