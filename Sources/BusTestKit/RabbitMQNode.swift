/// One RabbitMQ node: its name, ports and files. It does not know whether it runs.
struct RabbitMQNode: Sendable {
    /// Such as `a@localhost`.
    let name: String
    let port, distributionPort: ReservedPort
    let tlsPort: ReservedPort?
    let environment: [String: String]

    /// Writes the node's files.
    /// - Parameters:
    ///   - peer: The node whose cluster it joins when it starts for the first time.
    init(
        _ letter: String, in home: RabbitMQHome, peer: String? = nil, certificates: TestCertificates? = nil,
        plugins: [String] = []
    ) throws {
        name = Self.name(letter)
        port = try ReservedPort()
        distributionPort = try ReservedPort()
        tlsPort = try certificates.map { _ in try ReservedPort() }

        let files = "\(home.folder.path)/\(letter)"
        var configuration = """
            listeners.tcp.1 = 127.0.0.1:\(port.number)
            vm_memory_high_watermark.absolute = 2GB
            disk_free_limit.absolute = 200MB

            """
        if let certificates, let tlsPort {
            configuration += """
                listeners.ssl.1 = 127.0.0.1:\(tlsPort.number)
                ssl_options.cacertfile = \(certificates.authority)
                ssl_options.certfile = \(certificates.certificate)
                ssl_options.keyfile = \(certificates.key)
                ssl_options.verify = verify_none
                ssl_options.fail_if_no_peer_cert = false

                """
        }
        if let peer { configuration += "cluster_formation.classic_config.nodes.1 = \(peer)\n" }
        try RabbitMQHome.write(configuration, to: "\(files).conf")
        try RabbitMQHome.write("[\(plugins.joined(separator: ","))].\n", to: "\(files).plugins")

        let loopback = "-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false"
        environment = home.environment.merging([
            "RABBITMQ_NODENAME": name, "RABBITMQ_DIST_PORT": "\(distributionPort.number)",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null", "RABBITMQ_CONFIG_FILE": "\(files).conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": "\(files).plugins", "RABBITMQ_PID_FILE": "\(files).pid",
            "RABBITMQ_MNESIA_BASE": "\(files)/mnesia", "RABBITMQ_MNESIA_DIR": "\(files)/mnesia/node",
            "RABBITMQ_LOG_BASE": "\(files)/log",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": loopback, "RABBITMQ_CTL_ERL_ARGS": loopback,
            "RABBITMQ_CTL_DIST_PORT_MIN": "0", "RABBITMQ_CTL_DIST_PORT_MAX": "0",
            // The script becomes the Erlang machine instead of waiting for it: a signal to it is one to RabbitMQ.
            "RUNNING_UNDER_SYSTEMD": "1",
        ]) { $1 }
    }

    static func name(_ letter: String) -> String { "\(letter)@localhost" }
}
