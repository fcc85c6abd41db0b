/// The settings of a Kafka topic that `TopicOptions` stand for.
struct TopicSettings: Equatable {
    /// By Kafka's names, such as `retention.ms`.
    let values: [String: String]

    /// - Parameter partitions: How many the topic has: Kafka bounds the bytes of each.
    init(_ options: TopicOptions, partitions: Int) {
        guard !options.isCompacted else {
            values = ["cleanup.policy": "compact"]
            return
        }
        let age = options.maximumAge.map { max(0, $0.milliseconds) }
        let bytes = options.maximumBytes.map { max(1, $0 / max(1, partitions)) }
        values = [
            "cleanup.policy": "delete", "retention.ms": "\(age ?? -1)", "retention.bytes": "\(bytes ?? -1)",
        ]
    }

    /// What has to be written so that a topic has these settings and keeps its others; nil when it has them.
    /// - Parameter current: Every setting of the topic, and whether it is the topic's own.
    func change(of current: [(name: String, value: String, isOwn: Bool)]) -> [String: String]? {
        let effective = Dictionary(current.map { ($0.name, $0.value) }) { first, _ in first }
        guard values.contains(where: { effective[$0.key] != $0.value }) else { return nil }
        // The request replaces all of a topic's own settings.
        let own = Dictionary(current.filter(\.isOwn).map { ($0.name, $0.value) }) { first, _ in first }
        return own.merging(values) { _, new in new }
    }
}
