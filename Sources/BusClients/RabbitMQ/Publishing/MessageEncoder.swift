internal import CRabbitMQ

/// Lends messages to the library in its own form, without copying names, headers or bodies.
///
/// Used on one thread. The entries of the header table are kept from message to message.
final class MessageEncoder {
    private var entries: UnsafeMutableBufferPointer<amqp_table_entry_t>
    private var count = 0

    init() { entries = .allocate(capacity: 16) }

    deinit { entries.deallocate() }

    /// Calls the body with the message's exchange, routing key and properties; they are valid until it returns.
    func withEncoded<R>(
        _ outgoing: Outgoing, isResent: Bool,
        _ body: (_ exchange: amqp_bytes_t, _ routingKey: amqp_bytes_t, inout amqp_basic_properties_t) -> R
    ) -> R {
        let own = outgoing.own
        return outgoing.message.headers.encoded.withUnsafeBytes { headers in
            outgoing.exchange.withAMQPBytes { exchange in
                outgoing.routingKey.withAMQPBytes { routingKey in
                    outgoing.message.id.rawValue.withAMQPBytes { id in
                        (own.reason ?? "").withAMQPBytes { reason in
                            (outgoing.expiration.map { "\($0)" } ?? "").withAMQPBytes { expiration in
                                count = 0
                                add(headers)
                                add(own, isEvent: outgoing.isEvent, isResent: isResent || own.isResent, reason: reason)
                                var properties = amqp_basic_properties_t()
                                properties._flags = UInt32(
                                    AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG
                                        | AMQP_BASIC_MESSAGE_ID_FLAG)
                                properties.headers = amqp_table_t(
                                    num_entries: Int32(count), entries: entries.baseAddress)
                                properties.delivery_mode = UInt8(AMQP_DELIVERY_PERSISTENT.rawValue)
                                properties.message_id = id
                                if expiration.len > 0 {
                                    properties._flags |= UInt32(AMQP_BASIC_EXPIRATION_FLAG)
                                    properties.expiration = expiration
                                }
                                return body(exchange, routingKey, &properties)
                            }
                        }
                    }
                }
            }
        }
    }

    /// The producer's headers: see `Headers.encoded` for the form.
    private func add(_ headers: UnsafeRawBufferPointer) {
        var offset = 0
        while offset + 2 <= headers.count {
            let nameLength = Int(headers[offset]) | Int(headers[offset + 1]) << 8
            let nameStart = offset + 2
            let lengthStart = nameStart + nameLength
            guard lengthStart + 4 <= headers.count else { return }
            var valueLength = 0
            for byte in 0..<4 { valueLength |= Int(headers[lengthStart + byte]) << (8 * byte) }
            offset = lengthStart + 4 + valueLength
            guard offset <= headers.count else { return }
            var value = amqp_field_value_t()
            value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
            value.value.bytes = amqp_bytes_t(
                UnsafeRawBufferPointer(rebasing: headers[(lengthStart + 4)..<offset]))
            add(amqp_bytes_t(UnsafeRawBufferPointer(rebasing: headers[nameStart..<lengthStart])), value)
        }
    }

    private func add(_ own: OwnHeaders, isEvent: Bool, isResent: Bool, reason: amqp_bytes_t) {
        if let sentAt = own.sentAt {
            add(isEvent ? OwnHeaders.Name.publishedAt : OwnHeaders.Name.enqueuedAt, number: sentAt)
        }
        if let attempts = own.attempts { add(OwnHeaders.Name.attempts, number: Int64(attempts)) }
        if own.reason != nil {
            var value = amqp_field_value_t()
            value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
            value.value.bytes = reason
            add(amqp_bytes_t(OwnHeaders.Name.reason), value)
        }
        if let diedAt = own.diedAt { add(OwnHeaders.Name.diedAt, number: diedAt) }
        if isResent { addTrue(OwnHeaders.Name.isResent) }
        if own.isMarker { addTrue(OwnHeaders.Name.isMarker) }
    }

    private func add(_ name: StaticString, number: Int64) {
        var value = amqp_field_value_t()
        value.kind = UInt8(AMQP_FIELD_KIND_I64.rawValue)
        value.value.i64 = number
        add(amqp_bytes_t(name), value)
    }

    private func addTrue(_ name: StaticString) {
        var value = amqp_field_value_t()
        value.kind = UInt8(AMQP_FIELD_KIND_BOOLEAN.rawValue)
        value.value.boolean = 1
        add(amqp_bytes_t(name), value)
    }

    private func add(_ name: amqp_bytes_t, _ value: amqp_field_value_t) {
        if count == entries.count {
            let larger = UnsafeMutableBufferPointer<amqp_table_entry_t>.allocate(capacity: 2 * count)
            _ = larger.moveInitialize(fromContentsOf: entries[..<count])
            entries.deallocate()
            entries = larger
        }
        entries.initializeElement(at: count, to: amqp_table_entry_t(key: name, value: value))
        count += 1
    }
}
