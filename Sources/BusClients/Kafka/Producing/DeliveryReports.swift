internal import CRdKafka

/// Takes delivery reports off their events, many at a time. One thread's.
final class DeliveryReports {
    private static let capacity = 1024

    private let buffer = UnsafeMutablePointer<UnsafePointer<rd_kafka_message_t>?>.allocate(capacity: capacity)

    init() { buffer.initialize(repeating: nil, count: Self.capacity) }

    deinit { buffer.deallocate() }

    /// The calls that an event ends, and how many records it confirms.
    func take(_ event: KafkaEvent) -> (ended: [AppendCall], confirmed: Int) {
        var ended: [AppendCall] = []
        var confirmed = 0
        while true {
            let count = rd_kafka_event_message_array(event.raw, buffer, Self.capacity)
            for index in 0..<count {
                guard let report = buffer[index] else { continue }
                if report.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR { confirmed += 1 }
                if let call = AppendCall.take(report) { ended.append(call) }
            }
            if count < Self.capacity { return (ended, confirmed) }
        }
    }
}
