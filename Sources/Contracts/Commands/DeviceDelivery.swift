package import Runtime

/// How a connector reached a device, or did not: evidence of a step.
///
/// `{"transport","broker","topic","qos","mid","acknowledged_at","answer_by","answer","reason"}`; all but the first are
/// left out where they are not known.
package struct DeviceDelivery: Sendable, Hashable {
    /// Of the connector, such as `mqtt`.
    package var transport: String
    /// Where the command was handed over, `host:port`.
    package var broker: String?
    package var topic: String?
    /// 0 to 2 of MQTT; nothing acknowledges 0.
    package var qos: Int?
    /// The message's identifier on its connection.
    package var mid: Int?
    /// When the broker had acknowledged it: PUBACK, or PUBCOMP of quality 2.
    package var acknowledgedAt: Timestamp?
    /// Until when the device's answer is waited for.
    package var answerBy: Timestamp?
    /// The device's own word.
    package var answer: String?
    /// What went wrong, or what the device or the broker added.
    package var reason: String?

    package init(transport: String) { self.transport = transport }

    /// Reads it from evidence; nil when that is of another kind.
    init?(_ value: JSONValue) throws(MessageError) {
        guard let transport = value["transport"]?.string else { return nil }
        self.transport = transport
        broker = value["broker"]?.string
        topic = value["topic"]?.string
        qos = value["qos"]?.int
        mid = value["mid"]?.int
        acknowledgedAt = value["acknowledged_at"]?.timestamp
        answerBy = value["answer_by"]?.timestamp
        answer = value["answer"]?.string
        reason = value["reason"]?.string
    }

    func writeMembers(to writer: inout JSONWriter) {
        writer.member("transport", transport)
        if let broker { writer.member("broker", broker) }
        if let topic { writer.member("topic", topic) }
        if let qos { writer.member("qos", qos) }
        if let mid { writer.member("mid", mid) }
        if let acknowledgedAt { writer.member("acknowledged_at", acknowledgedAt) }
        if let answerBy { writer.member("answer_by", answerBy) }
        if let answer { writer.member("answer", answer) }
        if let reason { writer.member("reason", reason) }
    }

    static let members: [Schema.Property] = [
        .init("transport", .text("mqtt", "Of the connector.")),
        .init("broker", .text("broker.example.com:1883"), isRequired: false),
        .init("topic", .text("devices/sensor-17/commands"), isRequired: false),
        .init("qos", .integer(1, "Nothing acknowledges 0.", in: 0...2), isRequired: false),
        .init("mid", .integer(7, "The message's identifier on its connection."), isRequired: false),
        .init("acknowledged_at", .time("PUBACK, or PUBCOMP of quality 2."), isRequired: false),
        .init("answer_by", .time("Until when the device's answer is waited for."), isRequired: false),
        .init("answer", .text("rejected", "The device's own word."), isRequired: false),
        .init("reason", .text("the valve is stuck", "What went wrong, or was added."), isRequired: false),
    ]
}
