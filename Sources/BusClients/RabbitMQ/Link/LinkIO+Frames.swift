internal import CRabbitMQ

extension LinkIO {
    /// Deals with one frame. Nothing of the library's memory is kept.
    /// - Throws: When the broker ends the connection, or sends what it may not.
    func handle(_ frame: amqp_frame_t) throws(BusError) {
        switch Int32(frame.frame_type) {
        case AMQP_FRAME_METHOD where frame.channel == 0: try handleConnection(frame.payload.method)
        case AMQP_FRAME_METHOD:
            if let channel = channel(frame.channel) { try handle(frame.payload.method, on: channel) }
        case AMQP_FRAME_HEADER, AMQP_FRAME_BODY:
            guard let channel = channel(frame.channel) else { return }
            let isHeader = Int32(frame.frame_type) == AMQP_FRAME_HEADER
            guard let isWhole = isHeader ? channel.content?.takeHeader(frame) : channel.content?.takeBody(frame) else {
                throw malformed("a piece of a message out of its place")
            }
            if isWhole { deliverContent(of: channel) }
        default: break
        }
    }

    private func handleConnection(_ method: amqp_method_t) throws(BusError) {
        switch method.id {
        case flotilla_connection_close:
            let close: amqp_connection_close_t = try fields(method)
            attempt { connection throws(BusError) in try connection.answer(flotilla_connection_close_ok, on: 0) }
            throw BusError(replyCode: Int(close.reply_code), text: String(close.reply_text))
        case flotilla_connection_close_ok: throw BusError(.closed, "the bus is closed")
        case flotilla_connection_blocked:
            let blocked: amqp_connection_blocked_t = try fields(method)
            onBlocked(String(blocked.reason))
        case flotilla_connection_unblocked: onBlocked(nil)
        default: break
        }
    }

    private func handle(_ method: amqp_method_t, on channel: Channel) throws(BusError) {
        switch method.id {
        case flotilla_basic_deliver:
            let fields: amqp_basic_deliver_t = try fields(method)
            var message = ReceivedMessage()
            message.tag = fields.delivery_tag
            message.isRedelivered = fields.redelivered != 0
            message.routingKey = String(fields.routing_key)
            channel.content = ContentAssembly(.delivery, message)
        case flotilla_basic_ack:
            let ack: amqp_basic_ack_t = try fields(method)
            channel.sink?.confirmed(
                Confirm(tag: ack.delivery_tag, isMultiple: ack.multiple != 0, isAccepted: true))
            touch(channel)
        case flotilla_basic_nack:
            let nack: amqp_basic_nack_t = try fields(method)
            channel.sink?.confirmed(
                Confirm(tag: nack.delivery_tag, isMultiple: nack.multiple != 0, isAccepted: false))
            touch(channel)
        case flotilla_basic_return:
            let fields: amqp_basic_return_t = try fields(method)
            var message = ReceivedMessage()
            message.exchange = String(fields.exchange)
            message.routingKey = String(fields.routing_key)
            channel.content = ContentAssembly(.returned, message)
        case flotilla_basic_cancel:
            channel.sink?.cancelled()
        case flotilla_queue_declare_ok:
            let declared: amqp_queue_declare_ok_t = try fields(method)
            answer(
                channel, .queue(messages: Int(declared.message_count), consumers: Int(declared.consumer_count)))
        case flotilla_channel_close:
            let closed: amqp_channel_close_t = try fields(method)
            attempt { connection throws(BusError) in
                try connection.answer(flotilla_channel_close_ok, on: channel.number)
            }
            close(
                channel,
                BusError(
                    replyCode: Int(closed.reply_code), text: String(closed.reply_text),
                    subject: channel.calls.first?.request.subject ?? .other))
        case flotilla_channel_close_ok:
            close(channel, BusError(.closed, "the channel is closed"))
        // Every other method of the broker's is the answer to the oldest request that has one.
        default: answer(channel, .done)
        }
    }

    private func deliverContent(of channel: Channel) {
        guard let content = channel.content.take() else { return }
        switch content.kind {
        case .delivery: channel.sink?.delivered(content.message)
        case .returned: channel.sink?.returned(content.message)
        }
        touch(channel)
    }

    private func answer(_ channel: Channel, _ reply: AMQPReply) { channel.calls.popFirst()?.group?.add(reply) }

    private func fields<Fields>(_ method: amqp_method_t) throws(BusError) -> Fields {
        guard let decoded = method.decoded else { throw malformed("a method without its fields") }
        return decoded.assumingMemoryBound(to: Fields.self).pointee
    }

    private func malformed(_ what: String) -> BusError {
        BusError(.unavailable, "RabbitMQ at \(connection.node.address) sent \(what)")
    }
}
