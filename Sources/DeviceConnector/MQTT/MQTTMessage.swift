import Runtime

/// What is published for one command.
struct MQTTMessage: Sendable, Hashable {
    var topic: String
    var payload: [UInt8]
    /// 0 to 2.
    var qos: Int
    var retain: Bool
    /// Told to the broker, where the protocol can.
    var expiresAt: Timestamp?
    /// Where the device answers, told to it where the protocol can; nil when no answer is waited for.
    var answerTopic: String?
    /// What an answer is told from others by.
    var correlation: String
}
