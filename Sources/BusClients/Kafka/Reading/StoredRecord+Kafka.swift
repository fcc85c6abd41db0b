internal import CRdKafka
internal import Runtime

extension StoredRecord {
    /// Copies a message. A key that is null becomes empty, as does a header's value; bytes that are no UTF-8 become
    /// replacement characters when they are read as text.
    init(_ message: UnsafePointer<rd_kafka_message_t>) {
        let fields = message.pointee
        let value = UnsafeRawBufferPointer(start: fields.payload, count: fields.payload == nil ? 0 : fields.len)
        let key = UnsafeRawBufferPointer(start: fields.key, count: fields.key == nil ? 0 : fields.key_len)
        // Milliseconds since 1970; -1 in the oldest of formats.
        let appendedAt = max(0, rd_kafka_message_timestamp(message, nil))
        self.init(
            position: LogPosition(partition: Int(fields.partition), offset: fields.offset),
            record: LogRecord(
                key: String(decoding: key, as: UTF8.self), headers: Headers(message), value: [UInt8](value)),
            appendedAt: Timestamp(microseconds: appendedAt.multipliedReportingOverflow(by: 1000).partialValue))
    }
}

extension Headers {
    fileprivate init(_ message: UnsafePointer<rd_kafka_message_t>) {
        guard let headers = flotilla_kafka_message_headers(message) else {
            self.init()
            return
        }
        // Room for the headers of nearly every record; longer ones are written a second time.
        self = withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 1) { room in
            let length = flotilla_kafka_headers_write(headers, room.baseAddress, room.count)
            guard length > room.count else {
                return Headers(encoded: [UInt8](UnsafeRawBufferPointer(rebasing: room[..<length])))
            }
            return Headers(
                encoded: [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
                    count = flotilla_kafka_headers_write(headers, buffer.baseAddress, length)
                })
        }
    }
}
