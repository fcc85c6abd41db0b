package import Runtime

/// Something that an ingress wants to know of a host now: the body of a job on `inspect.<host>`.
///
/// The answer comes on `fleet_answers`, as a `HostAnswer`.
package struct HostQuestion: Sendable, Hashable {
    /// Of any question that waits for an answer; the correlation id.
    package var id: String
    /// Who waits for the answer: the first part of its routing key.
    package var ingress: String
    /// What is asked, such as `processes`.
    package var subject: String
    /// What the question takes, a JSON object.
    package var parameters: [UInt8]
    package var askedAt: Timestamp
    /// When nobody waits any more: a worker that comes later does not answer.
    package var expiresAt: Timestamp

    /// The subject of a `ProcessQuery`.
    package static let processes = "processes"
    /// The subject of a question for a `SecurityReview`; it takes nothing.
    package static let security = "security"
    /// The subject that takes a sample of the host now, beside the regular ones; it has no parameters.
    package static let sample = "sample"

    package init(
        id: String, ingress: String, subject: String, parameters: [UInt8], askedAt: Timestamp, expiresAt: Timestamp
    ) {
        self.id = id
        self.ingress = ingress
        self.subject = subject
        self.parameters = parameters
        self.askedAt = askedAt
        self.expiresAt = expiresAt
    }

    package init(json: [UInt8]) throws {
        try self.init(JSONDocument(parsing: json).root)
    }

    package init(_ value: JSONValue) throws(MessageError) {
        id = try Self.word(value, "id")
        ingress = try Self.word(value, "ingress")
        subject = try value.requiredString("subject")
        parameters = try value.requiredObject("parameters").minified
        askedAt = try value.requiredTimestamp("asked_at")
        expiresAt = try value.requiredTimestamp("expires_at")
    }

    /// A part of a routing key, which has 255 bytes and dots between its parts.
    private static func word(_ value: JSONValue, _ name: String) throws(MessageError) -> String {
        let word = try value.requiredString(name)
        guard (1...100).contains(word.utf8.count), !word.utf8.contains(UInt8(ascii: ".")) else {
            throw MessageError("\(name) must have 1 to 100 bytes and no dot")
        }
        return word
    }

    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 384)
        writer.object { writer in
            writer.member("id", id)
            writer.member("ingress", ingress)
            writer.member("subject", subject)
            writer.member("parameters", raw: parameters)
            writer.member("asked_at", askedAt)
            writer.member("expires_at", expiresAt)
        }
        return writer.bytes
    }

    /// The routing key of its answer.
    package var answerKey: String { StreamNames.answer(ingress: ingress, correlation: id) }
}

extension HostQuestion {
    static let schema = Schema.object(
        [
            .init("id", .uuid("The correlation id.")),
            .init("ingress", .text("5f3e9a1c", "Who waits for the answer: the first part of its routing key.")),
            .init("subject", .words([processes, security, sample])),
            .init("parameters", .alternatives([ProcessQuery.schema, .object([], "Of other subjects.")])),
            .init("asked_at", .time()),
            .init("expires_at", .time("A worker that comes later does not answer.")),
        ], "Something that an ingress wants to know of a host now."
    ).named("HostQuestion")
}
