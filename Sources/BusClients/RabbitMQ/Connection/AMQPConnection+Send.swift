internal import CRabbitMQ

extension AMQPConnection {
    private static var consumerTag: StaticString { "flotilla" }

    /// Sends a method.
    /// - Throws: When the connection is lost.
    func send(_ request: AMQPRequest, on channel: UInt16) throws(BusError) {
        try check(status(of: request, on: channel))
        // A method takes some hundred bytes at most, but for the largest tables.
        sendCredit -= 256
    }

    /// Answers a method of the broker's.
    func answer(_ method: UInt32, on channel: UInt16) throws(BusError) {
        var nothing: UInt64 = 0
        // The methods answered here have no fields, or a flag that is false.
        try check(amqp_send_method(state, channel, method, &nothing))
    }

    /// Says that the connection ends; the broker answers `connection.close-ok`.
    func sendClose() throws(BusError) {
        var method = amqp_connection_close_t(
            reply_code: UInt16(AMQP_REPLY_SUCCESS), reply_text: amqp_empty_bytes, class_id: 0, method_id: 0)
        try check(amqp_send_method(state, 0, flotilla_connection_close, &method))
    }

    private func status(of request: AMQPRequest, on channel: UInt16) -> Int32 {
        switch request {
        case .openChannel:
            var method = amqp_channel_open_t(out_of_band: amqp_empty_bytes)
            return amqp_send_method(state, channel, flotilla_channel_open, &method)
        case .closeChannel:
            var method = amqp_channel_close_t(
                reply_code: UInt16(AMQP_REPLY_SUCCESS), reply_text: amqp_empty_bytes, class_id: 0, method_id: 0)
            return amqp_send_method(state, channel, flotilla_channel_close, &method)
        case .selectConfirms:
            var method = amqp_confirm_select_t(nowait: 0)
            return amqp_send_method(state, channel, flotilla_confirm_select, &method)
        case .setPrefetch(let count):
            var method = amqp_basic_qos_t(prefetch_size: 0, prefetch_count: count, global: 0)
            return amqp_send_method(state, channel, flotilla_basic_qos, &method)
        case .ack(let tag, let isMultiple):
            return amqp_basic_ack(state, channel, tag, isMultiple ? 1 : 0)
        case .giveBack(let tag, let isMultiple):
            return amqp_basic_nack(state, channel, tag, isMultiple ? 1 : 0, 1)
        case .declareExchange(let name, let kind, let isPassive):
            return declareExchange(name, kind, isPassive, on: channel)
        case .declareQueue(let name, let isPassive, let arguments):
            return declareQueue(name, isPassive, AMQPTable(arguments), on: channel)
        case .bind(let queue, let exchange, let key):
            return bind(queue, exchange, key, on: channel)
        case .consume(let queue, let arguments):
            return consume(queue, AMQPTable(arguments), on: channel)
        case .cancel:
            var method = amqp_basic_cancel_t(consumer_tag: amqp_bytes_t(Self.consumerTag), nowait: 0)
            return amqp_send_method(state, channel, flotilla_basic_cancel, &method)
        }
    }

    private func declareExchange(_ name: String, _ kind: String, _ isPassive: Bool, on channel: UInt16) -> Int32 {
        name.withAMQPBytes { name in
            kind.withAMQPBytes { kind in
                var method = amqp_exchange_declare_t()
                method.exchange = name
                method.type = kind
                method.passive = isPassive ? 1 : 0
                method.durable = 1
                return amqp_send_method(state, channel, flotilla_exchange_declare, &method)
            }
        }
    }

    private func declareQueue(_ name: String, _ isPassive: Bool, _ arguments: AMQPTable, on channel: UInt16) -> Int32 {
        withExtendedLifetime(arguments) {
            name.withAMQPBytes { name in
                var method = amqp_queue_declare_t()
                method.queue = name
                method.passive = isPassive ? 1 : 0
                method.durable = 1
                method.arguments = arguments.table
                return amqp_send_method(state, channel, flotilla_queue_declare, &method)
            }
        }
    }

    private func bind(_ queue: String, _ exchange: String, _ key: String, on channel: UInt16) -> Int32 {
        queue.withAMQPBytes { queue in
            exchange.withAMQPBytes { exchange in
                key.withAMQPBytes { key in
                    var method = amqp_queue_bind_t()
                    method.queue = queue
                    method.exchange = exchange
                    method.routing_key = key
                    return amqp_send_method(state, channel, flotilla_queue_bind, &method)
                }
            }
        }
    }

    private func consume(_ queue: String, _ arguments: AMQPTable, on channel: UInt16) -> Int32 {
        withExtendedLifetime(arguments) {
            queue.withAMQPBytes { queue in
                var method = amqp_basic_consume_t()
                method.queue = queue
                method.consumer_tag = amqp_bytes_t(Self.consumerTag)
                method.arguments = arguments.table
                return amqp_send_method(state, channel, flotilla_basic_consume, &method)
            }
        }
    }
}
