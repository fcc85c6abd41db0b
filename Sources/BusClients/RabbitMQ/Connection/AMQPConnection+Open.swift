internal import CRabbitMQ
internal import Glibc

extension AMQPConnection {
    /// The largest frame that is asked for: RabbitMQ's own default.
    private static var wantedFrameMaximum: Int32 { 131_072 }
    private static var wantedChannelMaximum: Int32 { 2047 }

    /// Connects to a node and logs in, within the configuration's time for each of the two.
    /// - Parameter purpose: What the connection is for, as the broker's tools show it.
    /// - Throws: `.accessRefused` for credentials, virtual host and certificates; `.unavailable`.
    static func open(
        _ node: AMQPNode, _ configuration: RabbitMQConfiguration, purpose: String
    ) throws(BusError) -> AMQPConnection {
        guard let state = amqp_new_connection() else { throw BusError(.unavailable, "out of memory") }
        do throws(BusError) {
            let socket = try makeSocket(on: state, node)
            var timeout = timeval(configuration.connectTimeout)
            guard amqp_set_handshake_timeout(state, &timeout) == AMQP_STATUS_OK.rawValue else {
                throw BusError(.unavailable, "the connect timeout is not a time")
            }
            let status = amqp_socket_open_noblock(socket, node.host, Int32(node.port), &timeout)
            if status != AMQP_STATUS_OK.rawValue { throw BusError(status: status, node: node) }
            let descriptor = amqp_get_sockfd(state)
            try tune(descriptor, node)
            try logIn(state, node, configuration, purpose)
            return AMQPConnection(
                node: node, state: state, descriptor: descriptor, frameMaximum: Int(amqp_get_frame_max(state)),
                channelMaximum: Int(amqp_get_channel_max(state)),
                heartbeat: .seconds(Int64(amqp_get_heartbeat(state))))
        } catch {
            _ = amqp_destroy_connection(state)
            throw error
        }
    }

    /// The library frees the socket with the connection.
    private static func makeSocket(
        on state: amqp_connection_state_t, _ node: AMQPNode
    ) throws(BusError) -> OpaquePointer {
        guard let security = node.security else {
            guard let socket = amqp_tcp_socket_new(state) else { throw BusError(.unavailable, "out of memory") }
            return socket
        }
        guard let socket = amqp_ssl_socket_new(state) else {
            throw BusError(.unavailable, "RabbitMQ at \(node.address): TLS cannot be set up")
        }
        amqp_ssl_socket_set_verify_peer(socket, security.verifiesPeer ? 1 : 0)
        amqp_ssl_socket_set_verify_hostname(socket, security.verifiesPeer ? 1 : 0)
        guard amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST) == AMQP_STATUS_OK.rawValue else {
            throw BusError(.unavailable, "RabbitMQ at \(node.address): TLS 1.2 cannot be set up")
        }
        if security.verifiesPeer {
            let authorities = security.authorities ?? systemAuthorities
            guard amqp_ssl_socket_set_cacert(socket, authorities) == AMQP_STATUS_OK.rawValue else {
                throw BusError(
                    .accessRefused,
                    "RabbitMQ at \(node.address): no certificate authorities can be read from \(authorities)")
            }
        }
        return socket
    }

    /// The library has no call for the system's authorities: the file that OpenSSL is told of, or where Debian, Red Hat
    /// and Alpine keep theirs.
    private static var systemAuthorities: String {
        if let file = getenv("SSL_CERT_FILE") { return String(cString: file) }
        let known = [
            "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
        ]
        return known.first { access($0, R_OK) == 0 } ?? known[0]
    }

    private static func tune(_ descriptor: Int32, _ node: AMQPNode) throws(BusError) {
        var on: Int32 = 1
        for (level, option) in [(Int32(IPPROTO_TCP), TCP_NODELAY), (SOL_SOCKET, SO_KEEPALIVE)] {
            guard setsockopt(descriptor, level, option, &on, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
                throw BusError(
                    .unavailable, "RabbitMQ at \(node.address): the socket takes no options", underlyingCode: Int(errno)
                )
            }
        }
    }

    private static func logIn(
        _ state: amqp_connection_state_t, _ node: AMQPNode, _ configuration: RabbitMQConfiguration, _ purpose: String
    ) throws(BusError) {
        let properties = AMQPTable([
            AMQPField("connection_name", .string("\(configuration.clientName) \(purpose)")),
            AMQPField("product", .string("Flotilla BusClients")),
            AMQPField("version", .string("librabbitmq \(String(cString: amqp_version()))")),
            AMQPField(
                "capabilities",
                .table(
                    [
                        "connection.blocked", "consumer_cancel_notify", "basic.nack", "publisher_confirms",
                        "authentication_failure_close",
                    ].map { AMQPField($0, .boolean(true)) })),
        ])
        var table = properties.table
        let reply = withExtendedLifetime(properties) {
            flotilla_amqp_login(
                state, node.virtualHost, wantedChannelMaximum, wantedFrameMaximum,
                Int32(clamping: max(1, configuration.heartbeat.components.seconds)), &table, node.user,
                node.password.text)
        }
        guard reply.reply_type == AMQP_RESPONSE_NORMAL else { throw BusError(login: reply, node: node) }
    }
}

extension timeval {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = max(duration, .milliseconds(1)).components
        self.init(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    }
}
