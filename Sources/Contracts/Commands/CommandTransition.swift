package import Runtime

/// One step of a command, with what proves it.
package struct CommandTransition: Sendable, Hashable {
    package var state: CommandState
    package var at: Timestamp
    package var evidence: Evidence

    /// What proves a state.
    package enum Evidence: Sendable, Hashable {
        /// The job that holds it.
        case job(queue: String, messageID: String)
        /// The record that holds it.
        case record(topic: String, partition: Int, offset: Int64)
        /// The device's own record, and the word it used.
        case feedback(topic: String, partition: Int, offset: Int64, word: String)
        /// How a connector reached the device, or did not.
        case delivery(DeviceDelivery)
        /// Who asked that there is no record, and when.
        case cancellation(by: String, at: Timestamp)
        /// Why there is no record.
        case reason(String)
    }

    /// The rank of its state; what a connector says comes after the record, so it never stands below it.
    package var rank: Int {
        if case .delivery = evidence { return max(state.rank, CommandState.published.rank) }
        return state.rank
    }

    package init(_ state: CommandState, at: Timestamp, evidence: Evidence) {
        self.state = state
        self.at = at
        self.evidence = evidence
    }

    init(_ value: JSONValue) throws(MessageError) {
        state = try value.required("status", "a state") { $0.string.flatMap(CommandState.init(rawValue:)) }
        at = try value.requiredTimestamp("at")
        evidence = try Evidence(value.requiredObject("evidence"))
    }

    /// Writes `{"status","at","evidence"}`.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("status", state.rawValue)
        writer.member("at", at)
        writer.name("evidence")
        evidence.write(to: &writer)
        writer.endObject()
    }
}

extension CommandTransition.Evidence {
    package init(_ value: JSONValue) throws(MessageError) {
        if let delivery = try DeviceDelivery(value) {
            self = .delivery(delivery)
        } else if let topic = value["topic"]?.string {
            let partition = try value.requiredInt("partition")
            let offset = Int64(try value.requiredInt("offset"))
            self =
                if let word = value["feedback"]?.string {
                    .feedback(topic: topic, partition: partition, offset: offset, word: word)
                } else {
                    .record(topic: topic, partition: partition, offset: offset)
                }
        } else if let queue = value["queue"]?.string {
            self = .job(queue: queue, messageID: try value.requiredString("message_id"))
        } else if let name = value["cancelled_by"]?.string {
            self = .cancellation(by: name, at: try value.requiredTimestamp("requested_at"))
        } else {
            self = .reason(try value.requiredString("reason"))
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        switch self {
        case .job(let queue, let messageID):
            writer.member("queue", queue)
            writer.member("message_id", messageID)
        case .record(let topic, let partition, let offset):
            writePosition(topic, partition, offset, to: &writer)
        case .feedback(let topic, let partition, let offset, let word):
            writePosition(topic, partition, offset, to: &writer)
            writer.member("feedback", word)
        case .delivery(let delivery): delivery.writeMembers(to: &writer)
        case .cancellation(let name, let at):
            writer.member("cancelled_by", name)
            writer.member("requested_at", at)
        case .reason(let reason): writer.member("reason", reason)
        }
        writer.endObject()
    }

    private func writePosition(_ topic: String, _ partition: Int, _ offset: Int64, to writer: inout JSONWriter) {
        writer.member("topic", topic)
        writer.member("partition", partition)
        writer.member("offset", offset)
    }
}
