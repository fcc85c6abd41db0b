/// The settings of the roles as flags; each is the twin of a variable.
enum ServiceOptions {
    private static let host = Option(
        name: "flotilla-host", valueName: "NAME", summary: "This host's name in the fleet.",
        defaultText: "the host name", variable: "FLOTILLA_HOST")
    private static let logLevel = Option(
        name: "log-level", valueName: "LEVEL",
        summary: "debug, info, notice, warning or error; levels of components follow, as in info,http=debug.",
        defaultText: "info", variable: "LOG_LEVEL")
    private static let logFormat = Option(
        name: "log-format", valueName: "text|json", summary: "How log lines on standard error look.",
        defaultText: "text", variable: "LOG_FORMAT")
    private static let apiHost = Option(
        name: "api-host", valueName: "ADDRESS", summary: "The address to listen on.", defaultText: "127.0.0.1",
        variable: "API_HOST")
    private static let apiPort = Option(
        name: "api-port", valueName: "PORT", summary: "The port to listen on; 0 takes a free one.",
        defaultText: "8000", variable: "API_PORT")
    private static let auth = Option(
        name: "flotilla-auth", valueName: "required|open",
        summary: "Whether a token is needed; open is for loopback addresses only.", defaultText: "required",
        variable: "FLOTILLA_AUTH")
    private static let tokenLifetime = Option(
        name: "jwt-access-token-expire-minutes", valueName: "N", summary: "How long access tokens are good for.",
        defaultText: "60", variable: "JWT_ACCESS_TOKEN_EXPIRE_MINUTES")
    private static let ackTimeout = Option(
        name: "command-ack-timeout-ms", valueName: "N",
        summary: "How long a request waits for its command to be published, in milliseconds.", defaultText: "1000",
        variable: "COMMAND_ACK_TIMEOUT_MS")
    private static let timeToLive = Option(
        name: "command-default-ttl-seconds", valueName: "N",
        summary: "How long a command without an expiry of its own may wait.", defaultText: "86400",
        variable: "COMMAND_DEFAULT_TTL_SECONDS")
    private static let commandTopic = Option(
        name: "kafka-command-topic", valueName: "TOPIC", summary: "The topic that the device connectors read.",
        defaultText: "device_commands", variable: "KAFKA_COMMAND_TOPIC")
    private static let statusPort = Option(
        name: "status-port", valueName: "PORT",
        summary: "Where /health, /ready and /metrics of this process are answered; 0 takes a free port.",
        defaultText: "nowhere", variable: "STATUS_PORT")
    private static let statusHost = Option(
        name: "status-host", valueName: "ADDRESS", summary: "The address of the status port.",
        defaultText: "127.0.0.1", variable: "STATUS_HOST")
    private static let metricsInterval = Option(
        name: "metrics-interval-seconds", valueName: "N", summary: "How often this host is sampled.",
        defaultText: "1", variable: "METRICS_INTERVAL_SECONDS")
    private static let metricsSource = Option(
        name: "metrics-source-file", valueName: "FILE",
        summary: "A JSON file whose fields replace sampled ones, to try thresholds.", variable: "METRICS_SOURCE_FILE")
    private static let storageRoots = Option(
        name: "storage-roots", valueName: "FOLDERS",
        summary: "The folders, separated by colons, that optimizations may change.",
        defaultText: "/tmp:/var/tmp:/var/cache:/var/log and the user's cache", variable: "STORAGE_ROOTS")

    /// The flags of the process that runs these roles.
    static func options(of roles: [Role]) -> [Option] {
        var options = [ClientOptions.state, host]
        if roles.contains(.ingress) { options += [apiHost, apiPort, auth, tokenLifetime, ackTimeout, timeToLive] }
        if roles.contains(.ingress) { options += LimitSettings.options }
        if roles.contains(.ingress) || roles.contains(.commandPusher) { options.append(commandTopic) }
        if roles.contains(.ingress) || roles.contains(.metricsWorker) { options.append(metricsInterval) }
        if roles.contains(.metricsWorker) { options.append(metricsSource) }
        if roles.contains(.optimizeWorker) { options.append(storageRoots) }
        if !roles.contains(.ingress) { options += [statusPort, statusHost] }
        return options + [logLevel, logFormat]
    }

    /// The variables without a flag: secrets, which other users could read on a command line, and those of the brokers.
    static func variables(of roles: [Role]) -> [Command.Variable] {
        var variables: [Command.Variable] = []
        if roles.contains(.ingress) {
            variables = [
                .init(
                    name: "JWT_SECRET_KEY",
                    summary: "Signs access tokens, 32 bytes or more. Default: made once, kept in the state folder."),
                .init(
                    name: "API_KEYS",
                    summary: "Keys for X-API-Key, separated by commas; KEY=PERMISSION+PERMISSION limits one."),
            ]
        }
        variables += BusSettings.variables
        return variables + ClientOptions.variables
    }
}
