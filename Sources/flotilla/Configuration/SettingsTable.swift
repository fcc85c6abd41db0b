/// Every setting, declared once, in the order in which help and documentation show them.
enum SettingsTable {
    /// Of the processes that run roles.
    static let fleet =
        everyProcess + ingress + limits + history + commands + devices + workers + brokers + logging + file

    /// Everything, those of the client commands included.
    static let all = fleet + clients

    static let stateFolder = Setting(
        "FLOTILLA_STATE", .flag("FOLDER"), "The state folder of the fleet on this machine.",
        default: "$XDG_STATE_HOME/flotilla or ~/.local/state/flotilla")

    private static let everyProcess = [
        stateFolder,
        Setting("FLOTILLA_HOST", .flag("NAME"), "This host's name in the fleet.", default: "the host name"),
    ]

    private static let ingress = [
        Setting(
            "API_HOST", .flag("ADDRESS"), for: .roles([.ingress]), "The address to listen on.", default: "127.0.0.1"),
        Setting(
            "API_PORT", .flag("PORT"), for: .roles([.ingress]), "The port to listen on; 0 takes a free one.",
            default: "8000"),
        Setting(
            "TLS_CERTIFICATE", .flag("FILE"), for: .roles([.ingress]),
            "The certificate chain in PEM, leaf first: HTTPS is served then. SIGHUP reads it again."),
        Setting(
            "TLS_PRIVATE_KEY", .flag("FILE"), for: .roles([.ingress]),
            "The private key of TLS_CERTIFICATE in PEM, unencrypted."),
        Setting(
            "DRAIN_SECONDS", .flag("N"), for: .roles([.ingress]),
            "How long a stop goes on serving while /ready is 503, so that load balancers notice.", default: "0"),
        Setting(
            "FLOTILLA_AUTH", .flag("required|open"), for: .roles([.ingress]),
            "Whether a token is needed; open is for loopback addresses only.", default: "required"),
        Setting(
            "JWT_SECRET_KEY", .secret, for: .roles([.ingress]), "Signs access tokens, 32 bytes or more.",
            default: "made once, kept in the state folder"),
        Setting(
            "JWT_PUBLIC_KEY_PATH", .flag("FILE"), for: .roles([.ingress]),
            "Public keys of another issuer, whose RS256 and ES256 tokens are taken as well: a PEM or a JWKS file."),
        Setting(
            "JWT_ACCESS_TOKEN_EXPIRE_MINUTES", .flag("N"), for: .roles([.ingress]),
            "How long access tokens are good for.", default: "60"),
        Setting(
            "API_KEYS", .secret, for: .roles([.ingress]),
            "Keys for X-API-Key, separated by commas; KEY=PERMISSION+PERMISSION limits one, otherwise it may send and "
                + "read commands and read the system's figures."),
    ]

    private static let limits = [
        Setting(
            "TRUSTED_PROXIES", .flag("ADDRESSES"), for: .roles([.ingress]),
            "Addresses and CIDR ranges, separated by commas: from these, X-Forwarded-For (or else Forwarded) says who the "
                + "client is."),
        Setting(
            "RATE_LIMIT", .flag("off|N|N/BURST"), for: .roles([.ingress]),
            "Requests a minute of each principal, and of each address without valid credentials (of each /64 for IPv6); "
                + "the burst, how many may come at once, is a sixth unless given, and at least 10.", default: "off"),
        Setting(
            "MAX_CONCURRENT_REQUESTS", .flag("N"), for: .roles([.ingress]),
            "Requests that a principal may have in flight; 0 does not limit them.", default: "256"),
        Setting(
            "MAX_STREAMS", .flag("N"), for: .roles([.ingress]),
            "Streams that a principal may have open; 0 does not limit them.", default: "32"),
        Setting(
            "HOST_DOWN_SECONDS", .flag("N"), for: .roles([.ingress]),
            "How long a host may be silent before it is down and an alert is raised; ten of its intervals at least.",
            default: "60"),
        Setting(
            "CORS_ORIGINS", .flag("ORIGINS"), for: .roles([.ingress]),
            "Origins, separated by commas, whose pages may use the API; * for all.",
            default: "loopback origins where API_HOST is a loopback address, else none"),
        Setting(
            "WEBHOOK_ALLOW_PRIVATE", .flag("true|false"), for: .roles([.ingress]),
            "Whether webhooks may be at private addresses, such as those of the own network.", default: "false"),
    ]

    private static let history = [
        Setting(
            "HISTORY_SECONDS_KEPT_HOURS", .flag("N"), for: .roles([.ingress]),
            "How long each sample of a host is kept, in hours, 1 to 168; its means live longer.", default: "1"),
        Setting(
            "HISTORY_MINUTES_KEPT_DAYS", .flag("N"), for: .roles([.ingress]),
            "How long the minutes of a host are kept, and its ten minutes, in days, 1 to 90.", default: "7"),
        Setting(
            "HISTORY_HOURS_KEPT_DAYS", .flag("N"), for: .roles([.ingress]),
            "How long the hours of a host are kept, in days, 90 to 3650.", default: "365"),
    ]

    private static let commands = [
        Setting(
            "COMMAND_ACK_TIMEOUT_MS", .flag("N"), for: .roles([.ingress]),
            "How long a request waits for its command to be published, in milliseconds.", default: "1000"),
        Setting(
            "COMMAND_DEFAULT_TTL_SECONDS", .flag("N"), for: .roles([.ingress]),
            "How long a command without an expiry of its own may wait.", default: "86400"),
        Setting(
            "KAFKA_COMMAND_TOPIC", .flag("TOPIC"), for: .roles([.ingress, .commandPusher, .deviceConnector]),
            "The topic that the device connectors read.", default: "device_commands"),
    ]

    private static let devices = [
        Setting(
            "BROKER_HOST", .flag("HOST"), for: .roles([.deviceConnector]),
            "The MQTT broker of the devices; 'flotilla up' connects to none without it.",
            default: "localhost for 'flotilla device-connector'"),
        Setting(
            "BROKER_PORT", .flag("PORT"), for: .roles([.deviceConnector]), "Its port.",
            default: "1883, or 8883 with USE_TLS"),
        Setting(
            "MQTT_CLIENT_ID", .flag("NAME"), for: .roles([.deviceConnector]),
            "The connector's session at the broker; each connector needs its own.", default: "mqtt_connector_service"),
        Setting("MQTT_USERNAME", .variable, for: .roles([.deviceConnector]), "The user at the broker."),
        Setting("MQTT_PASSWORD", .secret, for: .roles([.deviceConnector]), "Its password."),
        Setting(
            "USE_TLS", .flag("true|false"), for: .roles([.deviceConnector]),
            "Whether the broker is spoken to over TLS; its certificate must name BROKER_HOST.", default: "false"),
        Setting(
            "CA_CERT_CONTENT", .variable, for: .roles([.deviceConnector]),
            "The certificates of the authorities that the broker is trusted by: PEM, in base64.",
            default: "the system's"),
        Setting(
            "MQTT_VERSION", .flag("5|3.1.1"), for: .roles([.deviceConnector]),
            "The protocol; 5 tells the broker a command's expiry and the device where to answer.", default: "5"),
        Setting(
            "MQTT_COMMAND_TOPIC", .flag("TOPIC"), for: .roles([.deviceConnector]),
            "Where a command without metadata.topic or metadata.mqtt_topic goes; {device_id} and {request_id} stand for "
                + "its own.", default: "devices/{device_id}/commands"),
        Setting(
            "MQTT_RESPONSE_TOPIC", .flag("TOPIC"), for: .roles([.deviceConnector]), "Where devices answer.",
            default: "devices/{device_id}/commands/{request_id}/ack"),
        Setting(
            "MQTT_RESPONSE_TIMEOUT_SECONDS", .flag("N"), for: .roles([.deviceConnector]),
            "How long a device's answer is waited for, unless the command's metadata.response_timeout_seconds says; 0 "
                + "waits for none.", default: "60"),
        Setting(
            "MQTT_PAYLOAD", .flag("payload|command"), for: .roles([.deviceConnector]),
            "What a device gets: the command's payload, or the whole command with its request id.", default: "payload"),
        Setting(
            "MQTT_DEFAULT_QOS", .flag("0|1|2"), for: .roles([.deviceConnector]),
            "The quality of commands that ask for none; 0 has no acknowledgement.", default: "1"),
        Setting(
            "MQTT_DEFAULT_RETAIN", .flag("true|false"), for: .roles([.deviceConnector]),
            "Whether the broker keeps commands that do not say, for devices that come later.", default: "false"),
    ]

    private static let workers = [
        Setting(
            "METRICS_INTERVAL_SECONDS", .flag("N"), for: .roles([.ingress, .metricsWorker]),
            "How often this host is sampled.", default: "1"),
        Setting(
            "METRICS_SOURCE_FILE", .flag("FILE"), for: .roles([.metricsWorker]),
            "A JSON file whose fields replace sampled ones, to try thresholds."),
        Setting(
            "STORAGE_ROOTS", .flag("FOLDERS"), for: .roles([.optimizeWorker]),
            "The folders, separated by colons, that optimizations may change.",
            default: "/tmp:/var/tmp:/var/cache:/var/log and the user's cache"),
        Setting(
            "STATUS_PORT", .flag("PORT"), for: .workersAlone,
            "Where /health, /ready and /metrics of this process are answered, without a token; 0 takes a free port.",
            default: "nowhere"),
        Setting(
            "STATUS_HOST", .flag("ADDRESS"), for: .workersAlone, "The address of the status port.",
            default: "127.0.0.1"),
    ]

    /// Read by the commands on the bus too.
    static let brokers = [
        Setting(
            "RABBITMQ_URL", .secret,
            "Carries queues and events: amqp://user:password@host:port/vhost, or amqps; several nodes of one cluster "
                + "are separated by commas.",
            default: "the embedded bus"),
        Setting(
            "KAFKA_BOOTSTRAP_SERVERS", .secret,
            "Carries the message log: host:port pairs, separated by commas.", default: "the embedded bus"),
        Setting(
            "KAFKA_TIMEOUT_MS", .variable, "How long Kafka may take to acknowledge a record.", default: "5000"),
        Setting(
            "KAFKA_TOPIC_PARTITIONS", .variable,
            "Partitions of device_commands and host_metrics, when they are made; the other topics have one.",
            default: "6"),
        Setting(
            "KAFKA_REPLICATION_FACTOR", .variable, "Copies of the topics that are made.", default: "the brokers'"),
        Setting(
            "KAFKA_CONFIG_…", .secret,
            "Any property of librdkafka, with _ for its dots: KAFKA_CONFIG_SASL_USERNAME is sasl.username."),
    ]

    private static let logging = [
        Setting(
            "LOG_LEVEL", .flag("LEVEL"),
            "debug, info, notice, warning or error; levels of components follow, as in info,http=debug.",
            default: "info"),
        Setting(
            "LOG_FORMAT", .flag("text|json"), "How log lines on standard error look.", default: "text"),
    ]

    /// Read by every command.
    static let file = [
        Setting(
            "FLOTILLA_ENV_FILE", .variable, "File of NAME=VALUE lines that stand in for variables.",
            default: "flotilla.env"),
        Setting("NO_COLOR", .variable, "Switches colours off."),
    ]

    static let url = Setting(
        "FLOTILLA_URL", .flag("URL"), for: .clients, "Where the ingress listens.",
        default: "where the 'flotilla up' of the state folder listens, else http://127.0.0.1:8000")
    static let token = Setting(
        "FLOTILLA_TOKEN", .flag("TOKEN"), for: .clients,
        "The access token. Other users can read a flag, so prefer the variable.",
        default: "made from the state folder's secret, for a service on this machine")
    static let authorities = Setting(
        "FLOTILLA_CA_FILE", .flag("FILE"), for: .clients,
        "The certificates in PEM of the authorities that an https URL is trusted by.", default: "the system's")

    /// Read by the client commands alone.
    static let clients = [url, token, authorities]
}
