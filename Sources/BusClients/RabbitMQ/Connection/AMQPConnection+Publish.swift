internal import CRabbitMQ

extension AMQPConnection {
    /// Sends a message, or begins to: the rest of a large body is sent by `continueBody` when there is room.
    /// - Precondition: `canSend`.
    /// - Throws: When the connection is lost.
    func publish(
        exchange: amqp_bytes_t, routingKey: amqp_bytes_t, properties: inout amqp_basic_properties_t, headerBytes: Int,
        body: [UInt8], on channel: UInt16
    ) throws(BusError) {
        if body.count <= Self.sendStep {
            let status = body.withUnsafeBytes {
                amqp_basic_publish(state, channel, exchange, routingKey, 1, 0, &properties, amqp_bytes_t($0))
            }
            sendCredit -= body.count + headerBytes
            return try check(status)
        }
        var method = amqp_basic_publish_t()
        method.exchange = exchange
        method.routing_key = routingKey
        method.mandatory = 1
        try check(amqp_send_method(state, channel, flotilla_basic_publish, &method))
        try check(
            withUnsafeMutablePointer(to: &properties) { properties in
                var frame = amqp_frame_t()
                frame.frame_type = UInt8(AMQP_FRAME_HEADER)
                frame.channel = channel
                frame.payload.properties.class_id = UInt16(AMQP_BASIC_CLASS)
                frame.payload.properties.body_size = UInt64(body.count)
                frame.payload.properties.decoded = UnsafeMutableRawPointer(properties)
                return amqp_send_frame(state, &frame)
            })
        sendCredit -= headerBytes
        unfinished = UnfinishedBody(channel: channel, body: body, offset: 0)
        try continueBody()
    }

    /// Sends frames of a body that was begun while the socket has room.
    func continueBody() throws(BusError) {
        while var rest = unfinished {
            guard sendCredit > 0 || renewCredit() else { return }
            // 8 bytes of each frame are its header and end (AMQP 0-9-1, section 2.3.5).
            let count = min(Self.sendStep, frameMaximum - 8, rest.body.count - rest.offset)
            let status = rest.body.withUnsafeBytes { body in
                var frame = amqp_frame_t()
                frame.frame_type = UInt8(AMQP_FRAME_BODY)
                frame.channel = rest.channel
                frame.payload.body_fragment = amqp_bytes_t(
                    UnsafeRawBufferPointer(rebasing: body[rest.offset..<rest.offset + count]))
                return amqp_send_frame(state, &frame)
            }
            sendCredit -= count
            rest.offset += count
            unfinished = rest.offset < rest.body.count ? rest : nil
            try check(status)
        }
    }
}
