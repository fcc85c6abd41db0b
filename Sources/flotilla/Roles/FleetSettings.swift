import HTTPKit
import Ingress
import Runtime

/// The settings of a process that runs roles: read, checked and complete.
struct FleetSettings: Sendable {
    let stateFolder: StateFolder
    /// This host's name in the fleet.
    let host: String
    let bus: BusSettings
    let logFormat: LogFormat
    let logLevels: LogLevels
    let apiHost: String
    let apiPort: Int
    /// The files of the listener's certificate; nil for plain HTTP.
    let tls: TLSFiles?
    /// How long a stop goes on serving.
    let drainAnnouncement: Duration
    let access: AccessConfiguration
    let limits: LimitConfiguration
    let webhooksMayBePrivate: Bool
    let commandAckTimeout: Duration
    let commandDefaultTimeToLive: Duration
    let commandTopic: String
    /// Nil where no device connector runs.
    let connector: ConnectorSettings.Values?
    /// Where a process without HTTP of its own answers `/health`, `/ready` and `/metrics`; nil for nowhere.
    let statusPort: Int?
    let statusHost: String
    /// How long the history of hosts is kept.
    let history: HostHistoryLimits
    let metricsInterval: Duration
    let hostDownAfter: Duration
    let metricsSourceFile: String?
    let storageRoots: [String]
    /// The user's; nil where `HOME` is not set.
    let homeFolder: String?
    /// Settings that are set and that this build does not read.
    let withoutEffect: [String]

    /// Whether no token is needed.
    var isOpen: Bool { access.mode == .open }

    /// - Throws: `CommandFailure` with `ExitCode.configuration` that names everything wrong at once.
    init(_ invocation: Invocation, roles: [Role]) throws(CommandFailure) {
        var reader = try SettingsReader(invocation)
        self.init(&reader, environment: invocation.environment, now: invocation.time.now, roles: roles)
        do { try reader.finish() } catch { throw CommandFailure(error) }
    }

    /// Reads all of it and leaves what is wrong with the reader; a setting that is wrong has its default.
    init(_ reader: inout SettingsReader, environment: [String: String], now: Timestamp, roles: [Role]) {
        stateFolder = StateFolder.read(&reader, environment: environment)
        host = HostName.read(&reader)
        bus = BusSettings.read(&reader)
        logFormat = reader.oneOf("LOG_FORMAT", default: .text)
        logLevels = Self.logLevels(&reader)
        // What a process does not use cannot keep it from starting.
        let serves = roles.contains(.ingress)
        apiHost = serves ? reader.string("API_HOST", default: "127.0.0.1") : ""
        apiPort = serves ? reader.int("API_PORT", default: 8000, in: 0...65_535) : 0
        tls = serves ? ListenerSettings.tls(&reader, now: now) : nil
        drainAnnouncement = serves ? ListenerSettings.drainAnnouncement(&reader) : .zero
        access = serves ? Self.access(&reader, listeningOn: apiHost) : AccessConfiguration()
        limits = serves ? LimitSettings.read(&reader) : LimitConfiguration()
        history = serves ? HistorySettings.read(&reader) : .standard
        webhooksMayBePrivate = serves && reader.bool("WEBHOOK_ALLOW_PRIVATE", default: false)
        commandAckTimeout =
            serves
            ? reader.duration(
                "COMMAND_ACK_TIMEOUT_MS", default: .seconds(1), unit: .milliseconds, in: .zero ... .seconds(60))
            : .zero
        commandDefaultTimeToLive =
            serves
            ? reader.duration(
                "COMMAND_DEFAULT_TTL_SECONDS", default: .seconds(86_400), in: .seconds(1) ... .seconds(7 * 86_400))
            : .zero
        commandTopic = Self.commandTopic(&reader)
        connector =
            roles.contains(.deviceConnector)
            ? ConnectorSettings.read(&reader, isAlone: roles == [.deviceConnector]) : nil
        statusPort = serves ? nil : reader.int("STATUS_PORT", in: 0...65_535)
        statusHost = serves ? "" : reader.string("STATUS_HOST", default: "127.0.0.1")
        hostDownAfter =
            serves
            ? reader.duration("HOST_DOWN_SECONDS", default: .seconds(60), in: .seconds(10) ... .seconds(86_400))
            : .zero
        metricsInterval = reader.duration(
            "METRICS_INTERVAL_SECONDS", default: .seconds(1), in: .milliseconds(100) ... .seconds(3600))
        metricsSourceFile = roles.contains(.metricsWorker) ? reader.path("METRICS_SOURCE_FILE") : nil
        storageRoots =
            roles.contains(.optimizeWorker) ? Self.storageRoots(&reader, environment: environment) : []
        homeFolder = environment["HOME"]
        withoutEffect =
            serves ? Self.unread.filter { reader.isSet($0) } : []
    }

    /// Settings of the contracts whose part is not in this build yet.
    private static let unread = ["DOCKER_HOST", "MAX_UPLOAD_SIZE_MB", "MODEL_STORE", "REDIS_URL"]

    private static func logLevels(_ reader: inout SettingsReader) -> LogLevels {
        guard let text = reader.string("LOG_LEVEL") else { return LogLevels() }
        if let levels = LogLevels(text) { return levels }
        reader.reject(
            "LOG_LEVEL",
            mustBe: "one of \(LogLevel.allCases.map(\.rawValue).joined(separator: ", ")), with levels of components "
                + "after it as in info,http=debug")
        return LogLevels()
    }

    private static func access(_ reader: inout SettingsReader, listeningOn host: String) -> AccessConfiguration {
        var access = AccessConfiguration(mode: reader.oneOf("FLOTILLA_AUTH", default: .required))
        access.secret = reader.secret("JWT_SECRET_KEY", minimumBytes: 32)
        if let path = reader.path("JWT_PUBLIC_KEY_PATH") {
            do { access.externalKeys = try ExternalKeys(path: path) } catch {
                reader.reject("JWT_PUBLIC_KEY_PATH", mustBe: "a file with public keys: \(error.message)")
            }
        }
        access.accessTokenLifetime = reader.duration(
            "JWT_ACCESS_TOKEN_EXPIRE_MINUTES", default: .seconds(3600), unit: .minutes,
            in: .seconds(60) ... .seconds(366 * 86_400))
        for entry in reader.list("API_KEYS") {
            if let key = APIKey(entry: entry) {
                access.apiKeys.append(key)
            } else {
                reader.reject(
                    "API_KEYS", mustBe: "keys separated by commas, or KEY=PERMISSION+PERMISSION", isSecret: true)
            }
        }
        do { try access.validate(listeningOn: host) } catch {
            reader.reject("FLOTILLA_AUTH", mustBe: "required where API_HOST is not a loopback address")
        }
        return access
    }

    private static func commandTopic(_ reader: inout SettingsReader) -> String {
        let topic = reader.string("KAFKA_COMMAND_TOPIC", default: "device_commands")
        // Kafka's own rule for the names of topics.
        let isName =
            (1...249).contains(topic.utf8.count) && topic != "." && topic != ".."
            && topic.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
        if !isName {
            reader.reject("KAFKA_COMMAND_TOPIC", mustBe: "1 to 249 letters, digits, dots, dashes and underscores")
        }
        return topic
    }

    private static func storageRoots(
        _ reader: inout SettingsReader, environment: [String: String]
    ) -> [String] {
        let cache = environment["XDG_CACHE_HOME"] ?? environment["HOME"].map { $0 + "/.cache" }
        let standard = ["/tmp", "/var/tmp", "/var/cache", "/var/log"] + [cache].compactMap(\.self)
        let roots = reader.list("STORAGE_ROOTS", default: standard.filter { $0.hasPrefix("/") }, separator: ":")
        let normalized = roots.compactMap(normalized)
        if normalized.count < roots.count {
            reader.reject("STORAGE_ROOTS", mustBe: "absolute folders other than / and without .., separated by colons")
        }
        return normalized
    }

    /// An absolute path without empty parts and `.`; nil for `/`, for a relative one and for one with `..`.
    private static func normalized(_ path: String) -> String? {
        let parts = path.split(separator: "/").filter { $0 != "." }
        guard path.hasPrefix("/"), !parts.isEmpty, !parts.contains("..") else { return nil }
        return parts.map { "/" + $0 }.joined()
    }
}
