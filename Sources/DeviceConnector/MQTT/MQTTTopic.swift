import Contracts

/// Where commands are published.
enum MQTTTopic {
    /// What an MQTT string holds, in bytes.
    private static let maximumBytes = 65_535
    /// What Debian's broker takes; it closes the connection of whoever sends more.
    private static let maximumLevels = 200

    /// A topic, or why there is none.
    enum Choice: Hashable {
        case topic(String)
        case refused(String)
    }

    /// Where a command goes: to `metadata.topic`; else to where `metadata.mqtt_topic` says; else to the template's.
    ///
    /// An `mqtt_topic` of the form `broker_data/{broker}/…` is where that broker's devices publish; their commands go to
    /// `broker_data/{broker}/command`. Any other is taken as it is.
    static func choose(for command: DeviceCommand, default template: MQTTTopicTemplate) -> Choice {
        let topic: String
        if let own = command.topic {
            topic = own
        } else if let path = command.mqttTopic {
            let levels = path.split(separator: "/", omittingEmptySubsequences: false)
            topic = levels.count >= 2 && levels[0] == "broker_data" ? "broker_data/\(levels[1])/command" : path
        } else if let made = template.topic(device: command.deviceID, request: command.requestID) {
            topic = made
        } else {
            return .refused("the device's id cannot be a level of a topic")
        }
        return problem(with: topic).map { .refused($0) } ?? .topic(topic)
    }

    /// Why a topic cannot be published to; nil when it can.
    static func problem(with topic: String) -> String? {
        if topic.isEmpty { return "the topic is empty" }
        if topic.utf8.count > maximumBytes { return "the topic is longer than \(maximumBytes) bytes" }
        if topic.utf8.contains(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "#") }) {
            return "the topic has wildcards"
        }
        if topic.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7f..<0xa0).contains($0.value) }) {
            return "the topic has control characters"
        }
        if topic.hasPrefix("$") { return "the topic is the broker's own" }
        if topic.utf8.count(where: { $0 == UInt8(ascii: "/") }) >= maximumLevels {
            return "the topic has more than \(maximumLevels) levels"
        }
        return nil
    }

    /// Whether an id can stand alone between two slashes.
    static func isLevel(_ text: String) -> Bool { !text.isEmpty && !text.utf8.contains(UInt8(ascii: "/")) }
}
