internal import CRabbitMQ

/// What a request was about, so that a "not found" names the right thing.
enum AMQPSubject: Sendable, Hashable {
    case queue(String)
    case exchange(String)
    case other
}

extension BusError {
    /// What a reply code of the broker means on the bus.
    ///
    /// Source of the codes: AMQP 0-9-1, section 1.2 (constants), and RabbitMQ's use of 403, 406 and 530.
    init(replyCode: Int, text: String, subject: AMQPSubject = .other) {
        let code: Code =
            switch (replyCode, subject) {
            // The queue exists, but not now: its node is away or still starting.
            case (404, _) where text.contains("is down or inaccessible"): .unavailable
            case (406, _) where text.contains("does not have a replica on the local node"): .unavailable
            case (403, _), (530, _): .accessRefused
            case (404, .exchange): .unknownExchange
            case (404, _): .unknownQueue
            case (405, _), (406, _), (540, _): .unsupported
            case (311, _): .messageTooLarge
            default: .unavailable
            }
        let prefix: String =
            switch subject {
            case .queue(let name): "queue \(name): "
            case .exchange(let name): "exchange \(name): "
            case .other: ""
            }
        self.init(code, prefix + "RabbitMQ says: \(text)", underlyingCode: replyCode)
    }

    /// What a status of librabbitmq means for a connection.
    init(status: Int32, node: AMQPNode) {
        let reason = String(cString: amqp_error_string2(status))
        switch amqp_status_enum(rawValue: status) {
        case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED:
            self.init(
                .accessRefused, "RabbitMQ at \(node.address): its certificate is not for the host name \(node.host)",
                underlyingCode: Int(status))
        case AMQP_STATUS_SSL_PEER_VERIFY_FAILED:
            self.init(
                .accessRefused,
                "RabbitMQ at \(node.address): its certificate is not signed by a trusted authority (\(node.trust))",
                underlyingCode: Int(status))
        case AMQP_STATUS_SSL_CONNECTION_FAILED, AMQP_STATUS_SSL_ERROR:
            self.init(.unavailable, "RabbitMQ at \(node.address): \(reason)", underlyingCode: Int(status))
        case AMQP_STATUS_HEARTBEAT_TIMEOUT:
            self.init(
                .unavailable, "RabbitMQ at \(node.address) has been silent for two heartbeats",
                underlyingCode: Int(status))
        case AMQP_STATUS_BROKER_UNSUPPORTED_SASL_METHOD:
            self.init(
                .accessRefused, "RabbitMQ at \(node.address) takes no user name and password (PLAIN)",
                underlyingCode: Int(status))
        default:
            self.init(.unavailable, "RabbitMQ at \(node.address): \(reason)", underlyingCode: Int(status))
        }
    }

    /// What a failed login means: the broker's own words, with the user and virtual host and never the password.
    init(login reply: amqp_rpc_reply_t, node: AMQPNode) {
        guard reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION else {
            self.init(status: reply.library_error, node: node)
            return
        }
        guard reply.reply.id == flotilla_connection_close, let decoded = reply.reply.decoded else {
            self.init(.unavailable, "RabbitMQ at \(node.address) refuses the connection")
            return
        }
        let close = decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee
        let said = BusError(replyCode: Int(close.reply_code), text: String(close.reply_text))
        self.init(
            said.code,
            "RabbitMQ at \(node.address), user \(node.user), virtual host \(node.virtualHost): \(said.message)",
            underlyingCode: said.underlyingCode)
    }
}

extension AMQPNode {
    /// Whom TLS trusts, for errors.
    fileprivate var trust: String { security?.authorities ?? "the system's authorities" }
}
