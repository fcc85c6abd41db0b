internal import CRabbitMQ

extension ReceivedMessage {
    /// Takes what the message's properties say; nothing refers to the library's memory afterwards.
    mutating func take(_ properties: amqp_basic_properties_t) {
        let flags = Int32(bitPattern: UInt32(properties._flags))
        if flags & AMQP_BASIC_MESSAGE_ID_FLAG != 0 { id = String(properties.message_id) }
        guard flags & AMQP_BASIC_HEADERS_FLAG != 0, let entries = properties.headers.entries else { return }
        var encoded: [UInt8] = []
        for entry in UnsafeBufferPointer(start: entries, count: Int(properties.headers.num_entries)) {
            if !isOwn(entry) { Headers.append(entry.key, entry.value, to: &encoded) }
        }
        headers = Headers(encoded: encoded)
    }

    /// Takes a header of this transport's or of RabbitMQ's; false for one of the producer's.
    private mutating func isOwn(_ entry: amqp_table_entry_t) -> Bool {
        let name = entry.key
        // Most headers begin otherwise.
        guard name.len > 2, UnsafeRawBufferPointer(name).prefix(2).elementsEqual("x-".utf8) else { return false }
        let value = entry.value
        if name.isEqual(to: OwnHeaders.Name.enqueuedAt) || name.isEqual(to: OwnHeaders.Name.publishedAt) {
            own.sentAt = value.integer
        } else if name.isEqual(to: OwnHeaders.Name.attempts) {
            own.attempts = value.integer.map(Int.init)
        } else if name.isEqual(to: OwnHeaders.Name.reason) {
            own.reason = value.text
        } else if name.isEqual(to: OwnHeaders.Name.diedAt) {
            own.diedAt = value.integer
        } else if name.isEqual(to: OwnHeaders.Name.isResent) {
            own.isResent = value.kind == UInt8(AMQP_FIELD_KIND_BOOLEAN.rawValue) && value.value.boolean != 0
        } else if name.isEqual(to: OwnHeaders.Name.isMarker) {
            own.isMarker = true
        } else if name.isEqual(to: "x-delivery-count") {
            broker.deliveries = value.integer.map(Int.init)
        } else if name.isEqual(to: "x-stream-offset") {
            broker.offset = value.integer
        } else if name.isEqual(to: "x-death") {
            broker.deathReason = value.newestDeath("reason")?.text
            broker.diedAt = value.newestDeath("time")?.integer
        } else {
            let text = UnsafeRawBufferPointer(name)
            return text.starts(with: "x-first-death-".utf8) || text.starts(with: "x-last-death-".utf8)
        }
        return true
    }
}

extension Headers {
    /// Adds a field to the encoded form; a value that is no text is written as one.
    fileprivate static func append(_ name: amqp_bytes_t, _ value: amqp_field_value_t, to encoded: inout [UInt8]) {
        // A name on AMQP has at most 255 bytes, a value at most a frame.
        encoded.append(UInt8(truncatingIfNeeded: name.len))
        encoded.append(UInt8(truncatingIfNeeded: name.len >> 8))
        encoded.append(contentsOf: UnsafeRawBufferPointer(name))
        if let bytes = value.bytes {
            append(UnsafeRawBufferPointer(bytes), to: &encoded)
        } else {
            var text = value.described(depth: 0)
            text.withUTF8 { append(UnsafeRawBufferPointer($0), to: &encoded) }
        }
    }

    private static func append(_ value: UnsafeRawBufferPointer, to encoded: inout [UInt8]) {
        for shift in stride(from: 0, to: 32, by: 8) { encoded.append(UInt8(truncatingIfNeeded: value.count >> shift)) }
        encoded.append(contentsOf: value)
    }
}
