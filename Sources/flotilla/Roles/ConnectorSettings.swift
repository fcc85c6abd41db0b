import DeviceConnector
import Runtime

/// The settings of the device connector.
enum ConnectorSettings {
    private static let longestWait = Duration.seconds(7 * 86_400)

    /// What the settings say of the broker, and how long a device's answer is waited for.
    struct Values: Sendable {
        var mqtt: MQTTConfiguration
        var answerTimeout: Duration
    }

    /// - Parameter isAlone: Whether the process has no other role: it is for a broker then, and has a default.
    /// - Returns: Nil when no broker is named and the process does other things as well.
    static func read(_ reader: inout SettingsReader, isAlone: Bool) -> Values? {
        guard let host = reader.string("BROKER_HOST") ?? (isAlone ? "localhost" : nil) else { return nil }
        var mqtt = MQTTConfiguration(host: host)
        if host.isEmpty || host.contains(where: { $0.isWhitespace }) {
            reader.reject("BROKER_HOST", mustBe: "the name or the address of a host")
        }
        mqtt.usesTLS = reader.bool("USE_TLS", default: false)
        mqtt.port = reader.int("BROKER_PORT", default: mqtt.usesTLS ? 8883 : 1883, in: 1...65_535)
        mqtt.clientID = reader.string("MQTT_CLIENT_ID", default: mqtt.clientID)
        if !(1...256).contains(mqtt.clientID.utf8.count) {
            reader.reject("MQTT_CLIENT_ID", mustBe: "a name of at most 256 bytes")
        }
        mqtt.username = reader.string("MQTT_USERNAME")
        mqtt.password = reader.secret("MQTT_PASSWORD")
        mqtt.authorities = authorities(&reader)
        mqtt.version = reader.oneOf("MQTT_VERSION", default: mqtt.version)
        mqtt.commandTopic = template(&reader, "MQTT_COMMAND_TOPIC", default: mqtt.commandTopic)
        mqtt.answerTopic = template(&reader, "MQTT_RESPONSE_TOPIC", default: mqtt.answerTopic)
        mqtt.defaultQoS = reader.int("MQTT_DEFAULT_QOS", default: mqtt.defaultQoS, in: 0...2)
        mqtt.defaultRetain = reader.bool("MQTT_DEFAULT_RETAIN", default: false)
        mqtt.sendsRecord = reader.oneOf("MQTT_PAYLOAD", ["payload", "command"], default: "payload") == "command"
        let timeout = reader.duration(
            "MQTT_RESPONSE_TIMEOUT_SECONDS", default: .seconds(60), in: .zero...longestWait)
        return Values(mqtt: mqtt, answerTimeout: timeout)
    }

    private static func template(
        _ reader: inout SettingsReader, _ name: String, default standard: MQTTTopicTemplate
    ) -> MQTTTopicTemplate {
        guard let text = reader.string(name) else { return standard }
        if let template = MQTTTopicTemplate(text) { return template }
        reader.reject(name, mustBe: "a topic without wildcards, with {device_id} and {request_id} as whole levels")
        return standard
    }

    private static func authorities(_ reader: inout SettingsReader) -> [UInt8]? {
        guard let text = reader.secret("CA_CERT_CONTENT") else { return nil }
        if let decoded = base64(text),
            String(decoding: decoded, as: UTF8.self).contains("-----BEGIN CERTIFICATE-----")
        {
            return decoded
        }
        reader.reject("CA_CERT_CONTENT", mustBe: "certificates in PEM, in base64", isSecret: true)
        return nil
    }

    /// RFC 4648, with blanks anywhere; nil for anything else.
    private static func base64(_ text: String) -> [UInt8]? {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var decoded: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in text.utf8 where byte > 0x20 && byte != UInt8(ascii: "=") {
            guard let digit = digits.firstIndex(of: byte) else { return nil }
            bits = bits << 6 | UInt32(digit)
            count += 6
            if count >= 8 {
                count -= 8
                decoded.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return decoded
    }
}
