package import Runtime

/// How a connector reaches its MQTT broker, and what its topics are.
package struct MQTTConfiguration: Sendable {
    /// The version of the protocol that is spoken.
    package enum Version: String, Sendable, CaseIterable {
        /// Tells the broker a message's expiry, and the device where to answer.
        case five = "5"
        case three = "3.1.1"
    }

    /// `BROKER_HOST`.
    package var host: String
    /// `BROKER_PORT`.
    package var port: Int
    /// The broker keeps the session of this name while the connector is away; each connector needs its own.
    package var clientID = "mqtt_connector_service"
    package var username: String?
    package var password: String?
    package var usesTLS = false
    /// The certificates in PEM of the authorities that the broker is trusted by; nil for the system's.
    package var authorities: [UInt8]?
    package var version = Version.five
    /// Where a command goes that names no topic.
    package var commandTopic = MQTTTopicTemplate.commands
    /// Where devices answer.
    package var answerTopic = MQTTTopicTemplate.answers
    /// Of commands that ask for none; 0 has no acknowledgement.
    package var defaultQoS = 1
    package var defaultRetain = false
    /// Whether devices get the whole command, as it is in its record, and not the payload alone.
    package var sendsRecord = false
    /// Between two signs of life.
    package var keepAlive: Duration = .seconds(30)
    /// How long the broker keeps the session of a connector that is away.
    package var sessionLifetime: Duration = .seconds(86_400)
    package var backoff = RetryPolicy(initial: .milliseconds(200), maximum: .seconds(30))

    package init(host: String, port: Int = 1883) {
        self.host = host
        self.port = port
    }

    /// As evidence names the broker.
    var broker: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
