/// A topic with places for the ids of a device and a command, such as `devices/{device_id}/commands`.
package struct MQTTTopicTemplate: Sendable, Hashable {
    package static let commands = MQTTTopicTemplate(parts: [.text("devices"), .device, .text("commands")])
    package static let answers = MQTTTopicTemplate(
        parts: [.text("devices"), .device, .text("commands"), .request, .text("ack")])

    private enum Part: Hashable {
        case text(String)
        case device
        case request
    }

    private let parts: [Part]

    private init(parts: [Part]) { self.parts = parts }

    /// - Returns: Nil for what is no topic: empty, with wildcards, or with a place that is not a whole level or unknown.
    package init?(_ text: String) {
        var parts: [Part] = []
        for level in text.split(separator: "/", omittingEmptySubsequences: false) {
            switch level {
            case "{device_id}": parts.append(.device)
            case "{request_id}": parts.append(.request)
            default:
                guard !level.contains(where: { "{}".contains($0) }) else { return nil }
                parts.append(.text(String(level)))
            }
        }
        self.parts = parts
        guard MQTTTopic.problem(with: text) == nil else { return nil }
    }

    /// The topic of one command; nil when an id cannot be a level of a topic.
    package func topic(device: String, request: String) -> String? {
        var levels: [String] = []
        for part in parts {
            switch part {
            case .text(let text): levels.append(text)
            case .device:
                guard MQTTTopic.isLevel(device) else { return nil }
                levels.append(device)
            case .request:
                guard MQTTTopic.isLevel(request) else { return nil }
                levels.append(request)
            }
        }
        let topic = levels.joined(separator: "/")
        return MQTTTopic.problem(with: topic) == nil ? topic : nil
    }

    /// What is subscribed to for every device and command.
    package var filter: String {
        parts.map { part in if case .text(let text) = part { text } else { "+" } }.joined(separator: "/")
    }

    /// The ids in a topic; nil when it is not of this template.
    package func ids(in topic: String) -> (device: String?, request: String?)? {
        let levels = topic.split(separator: "/", omittingEmptySubsequences: false)
        guard levels.count == parts.count else { return nil }
        var ids: (device: String?, request: String?) = (nil, nil)
        for (part, level) in zip(parts, levels) {
            switch part {
            case .text(let text): guard level == text else { return nil }
            case .device: ids.device = String(level)
            case .request: ids.request = String(level)
            }
        }
        return ids
    }
}
