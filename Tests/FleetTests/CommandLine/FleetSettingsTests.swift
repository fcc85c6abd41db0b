import BusClients
import BusTestKit
import DeviceConnector
import Ingress
import Runtime
import Testing

@testable import flotilla

@Suite struct FleetSettingsTests {
    private func invocation(_ words: [String], _ environment: [String: String]) throws -> Invocation {
        guard case .run(let path, let command, let arguments) = try ArgumentParser(root: CommandTree.root).parse(words)
        else { throw CommandFailure(.failed, "help", "help was asked for") }
        return Invocation(
            path: path, command: command, arguments: arguments, console: CapturedConsole().console,
            environment: environment, time: ManualTime())
    }

    private func settings(_ words: [String] = ["up"], _ environment: [String: String] = [:]) throws -> FleetSettings {
        let complete = environment.merging(["HOME": "/home/somebody"]) { given, _ in given }
        return try FleetSettings(invocation(words, complete), roles: Role.allCases)
    }

    @Test func theDefaultsAreTheContracts() throws {
        let settings = try settings()
        #expect(settings.stateFolder.path == "/home/somebody/.local/state/flotilla")
        #expect(settings.apiHost == "127.0.0.1" && settings.apiPort == 8000)
        #expect(settings.commandAckTimeout == .milliseconds(1000))
        #expect(settings.commandDefaultTimeToLive == .seconds(86_400))
        #expect(settings.commandTopic == "device_commands")
        #expect(settings.metricsInterval == .seconds(1))
        #expect(settings.storageRoots == ["/tmp", "/var/tmp", "/var/cache", "/var/log", "/home/somebody/.cache"])
        #expect(!settings.isOpen)
    }

    @Test func aDeviceConnectorRunsWhereABrokerIsNamed() throws {
        #expect(try settings().connector == nil)
        #expect(try settings(["up"], ["USE_TLS": "perhaps", "BROKER_PORT": "x"]).connector == nil)
        let named = try #require(
            try settings(
                ["up", "--broker-host", "mqtt.example.org"],
                [
                    "USE_TLS": "true", "MQTT_USERNAME": "fleet", "MQTT_PASSWORD": "hidden", "MQTT_DEFAULT_QOS": "2",
                    "CA_CERT_CONTENT": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==",
                    "MQTT_COMMAND_TOPIC": "to/{device_id}/{request_id}",
                ]
            ).connector)
        #expect(named.mqtt.host == "mqtt.example.org" && named.mqtt.port == 8883 && named.mqtt.defaultQoS == 2)
        #expect(named.mqtt.username == "fleet" && named.mqtt.password == "hidden")
        #expect(named.mqtt.authorities == Array("-----BEGIN CERTIFICATE-----\n".utf8))
        #expect(named.mqtt.commandTopic.topic(device: "d", request: "r") == "to/d/r")
        let alone = try FleetSettings(
            invocation(["device-connector"], ["HOME": "/home/somebody"]), roles: [.deviceConnector])
        #expect(alone.connector?.mqtt.host == "localhost" && alone.connector?.mqtt.port == 1883)
    }

    @Test(arguments: [
        "BROKER_PORT": "0", "MQTT_VERSION": "4", "MQTT_COMMAND_TOPIC": "a/#", "MQTT_RESPONSE_TOPIC": "x{device_id}",
        "MQTT_DEFAULT_QOS": "3", "CA_CERT_CONTENT": "bm90IGEgY2VydGlmaWNhdGU=", "MQTT_PAYLOAD": "xml",
        "MQTT_RESPONSE_TIMEOUT_SECONDS": "-1", "BROKER_HOST": "a b",
    ])
    func aMistakeInTheConnectorsSettingsIsNamed(name: String, value: String) throws {
        let environment = ["BROKER_HOST": "localhost"].merging([name: value]) { $1 }
        let failure = try #require(throws: CommandFailure.self) { try settings(["up"], environment) }
        #expect(failure.exit == .configuration && "\(failure)".contains(name))
    }

    @Test func flagsOverrideVariables() throws {
        let settings = try settings(
            ["up", "--api-port", "9000", "--state=/flag"], ["API_PORT": "1", "FLOTILLA_STATE": "/variable"])
        #expect(settings.apiPort == 9000)
        #expect(settings.stateFolder.path == "/flag")
    }

    @Test func everyMistakeIsNamedAtOnceAndNoSecretIsShown() {
        do {
            _ = try settings(
                ["up", "--api-port", "99999"],
                [
                    "LOG_LEVEL": "loud", "LOG_FORMAT": "xml", "METRICS_INTERVAL_SECONDS": "0", "FLOTILLA_HOST": "a b",
                    "JWT_SECRET_KEY": "too-short-a-secret", "COMMAND_ACK_TIMEOUT_MS": "soon",
                    "KAFKA_COMMAND_TOPIC": "a/b", "STORAGE_ROOTS": "/tmp:relative",
                    "RABBITMQ_URL": "http://user:hidden@host", "KAFKA_BOOTSTRAP_SERVERS": "host:port",
                    "KAFKA_TIMEOUT_MS": "never", "KAFKA_TOPIC_PARTITIONS": "0",
                ])
            Issue.record("accepted")
        } catch let failure as CommandFailure {
            #expect(failure.exit == .configuration)
            for name in [
                "API_PORT", "LOG_LEVEL", "LOG_FORMAT", "METRICS_INTERVAL_SECONDS", "FLOTILLA_HOST", "JWT_SECRET_KEY",
                "COMMAND_ACK_TIMEOUT_MS", "KAFKA_COMMAND_TOPIC", "STORAGE_ROOTS", "RABBITMQ_URL",
                "KAFKA_BOOTSTRAP_SERVERS", "KAFKA_TIMEOUT_MS", "KAFKA_TOPIC_PARTITIONS",
            ] {
                #expect(failure.message.contains(name), "\(name)")
            }
            #expect(!failure.message.contains("hidden") && !failure.message.contains("too-short"))
        } catch {
            Issue.record(error)
        }
    }

    @Test func theHistoryIsKeptAsLongAsIsSaid() throws {
        #expect(try settings().history == .standard)
        let history = try settings(
            ["up", "--history-seconds-kept-hours", "24"],
            ["HISTORY_MINUTES_KEPT_DAYS": "14", "HISTORY_HOURS_KEPT_DAYS": "730d"]
        ).history
        #expect(history.seconds == 86_400)
        #expect(history.minutes == 14 * 1440)
        #expect(history.hours == 730 * 24)
        for (name, value) in [
            ("HISTORY_SECONDS_KEPT_HOURS", "0.5"), ("HISTORY_SECONDS_KEPT_HOURS", "169"),
            ("HISTORY_MINUTES_KEPT_DAYS", "0"), ("HISTORY_MINUTES_KEPT_DAYS", "91"), ("HISTORY_HOURS_KEPT_DAYS", "89"),
            ("HISTORY_HOURS_KEPT_DAYS", "ever"),
        ] {
            #expect(throws: CommandFailure.self, "\(name)=\(value)") { try settings(["up"], [name: value]) }
        }
    }

    @Test func storageRootsAreNormalized() throws {
        #expect(try settings(["up"], ["STORAGE_ROOTS": "//srv/./cache/:/tmp"]).storageRoots == ["/srv/cache", "/tmp"])
        for root in ["/", "//", "/.", "/./", "/tmp/..", "relative"] {
            #expect(throws: CommandFailure.self, "\(root)") { try settings(["up"], ["STORAGE_ROOTS": root]) }
        }
    }

    @Test func settingsThatNobodyReadsAreNamed() throws {
        let environment = ["REDIS_URL": "redis://r", "RATE_LIMIT": "60", "CORS_ORIGINS": ""]
        #expect(try settings(["up"], environment).withoutEffect == ["REDIS_URL"])
        #expect(try settings().withoutEffect.isEmpty)
    }

    @Test func limitsAreRead() throws {
        let standard = try settings().limits
        #expect(standard.rate == nil && standard.origins == nil && standard.trustedProxies.isEmpty)
        #expect(standard.maximumConcurrentRequests == 256 && standard.maximumStreams == 32)
        let limits = try settings(
            ["up", "--rate-limit", "600/50", "--max-streams", "0"],
            [
                "TRUSTED_PROXIES": "10.0.0.0/8, ::1", "MAX_CONCURRENT_REQUESTS": "5",
                "CORS_ORIGINS": "https://app.example.org",
            ]
        ).limits
        #expect(limits.rate == RateLimit(perMinute: 600, burst: 50))
        #expect(limits.maximumConcurrentRequests == 5 && limits.maximumStreams == 0)
        #expect(limits.trustedProxies == [AddressRange("10.0.0.0/8"), AddressRange("::1")])
        #expect(limits.origins == CORSOrigins(entries: ["https://app.example.org"]))
        #expect(try !settings(["up"], [:]).webhooksMayBePrivate)
        #expect(try settings(["up"], ["WEBHOOK_ALLOW_PRIVATE": "true"]).webhooksMayBePrivate)
        #expect(try settings(["up"], ["CORS_ORIGINS": "*", "RATE_LIMIT": "off"]).limits.origins == .all)
        for (name, value) in [
            ("RATE_LIMIT", "fast"), ("TRUSTED_PROXIES", "10.0.0.0/40"), ("CORS_ORIGINS", "app.example.org"),
            ("MAX_STREAMS", "-1"), ("MAX_CONCURRENT_REQUESTS", "many"),
        ] {
            do {
                _ = try settings(["up"], [name: value])
                Issue.record("\(name) was accepted")
            } catch {
                #expect("\(error)".contains("\(name) (--"))
            }
        }
    }

    @Test func brokersAreTwoVariables() throws {
        let embedded = try settings().bus
        #expect(embedded.usesEmbeddedBus && !embedded.hasBroker)
        let brokers = try settings(
            ["command-pusher"],
            [
                "RABBITMQ_URL": "amqp://a:b@one,amqp://a:b@two", "KAFKA_BOOTSTRAP_SERVERS": "one:9092,two:9092",
                "KAFKA_TIMEOUT_MS": "2500", "KAFKA_CONFIG_SASL_USERNAME": "fleet", "KAFKA_REPLICATION_FACTOR": "3",
            ]
        ).bus
        #expect(!brokers.usesEmbeddedBus)
        #expect(brokers.topicPartitions == 6)
        #expect(brokers.kafka?.deliveryTimeout == .milliseconds(2500))
        #expect(brokers.kafka?.properties == ["sasl.username": "fleet"])
        #expect(brokers.kafka?.replicationFactor == 3)
    }

    @Test func aSecretIsNotSaidToHaveAFlag() {
        do {
            _ = try settings(["up"], ["JWT_SECRET_KEY": "too-short"])
            Issue.record("accepted")
        } catch {
            #expect("\(error)".contains("JWT_SECRET_KEY is set in the environment"))
            #expect(!"\(error)".contains("--jwt-secret-key"))
        }
    }

    @Test func openAccessIsForLoopbackOnly() throws {
        #expect(try settings(["up", "--flotilla-auth", "open"]).isOpen)
        #expect(throws: CommandFailure.self) {
            try settings(["up", "--flotilla-auth", "open", "--api-host", "0.0.0.0"])
        }
    }

    @Test func wrongSettingsExit2BeforeAnythingIsMade() async throws {
        let folder = try TemporaryFolder()
        let captured = CapturedConsole()
        let code = await captured.run("up", "--state", folder.path + "/state", "--api-port", "x")
        #expect(code == .configuration)
        #expect(captured.errorText.contains("API_PORT (--api-port) is \"x\" in the command line"))
        #expect(StateFolderLock.holder(of: StateFolder(path: folder.path + "/state")) == nil)
    }
}
