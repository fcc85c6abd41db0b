package import Runtime

/// What a host answers to a `HostQuestion`: the body of an event on `fleet_answers`.
package struct HostAnswer: Sendable, Hashable {
    /// What came of the question.
    package enum Outcome: Sendable, Hashable {
        case processes([ProcessInfo])
        case security(SecurityReview)
        /// A sample with this timestamp is in `host_metrics`.
        case sampled(Timestamp)
        case failed(Failure)
    }

    /// Why there is no answer.
    package enum Failure: String, Sendable, CaseIterable {
        /// The worker does not know the subject, or what it takes: it is of another version.
        case unsupported
        /// The host's kernel did not say.
        case unreadable
        /// What was found could not be put on the bus.
        case unsaved
    }

    /// The question's.
    package var id: String
    package var host: String
    package var answeredAt: Timestamp
    package var outcome: Outcome

    package init(id: String, host: String, answeredAt: Timestamp, outcome: Outcome) {
        self.id = id
        self.host = host
        self.answeredAt = answeredAt
        self.outcome = outcome
    }

    package init(json: [UInt8]) throws {
        try self.init(JSONDocument(parsing: json).root)
    }

    package init(_ value: JSONValue) throws(MessageError) {
        id = try value.requiredString("id")
        host = try value.requiredString("host")
        answeredAt = try value.requiredTimestamp("answered_at")
        if let word = value["failure"]?.string {
            guard let failure = Failure(rawValue: word) else { throw MessageError("failure is unknown") }
            outcome = .failed(failure)
        } else if let review = value["security"], !review.isNull {
            outcome = .security(try SecurityReview(review))
        } else if let time = value["sampled_at"], !time.isNull {
            outcome = .sampled(try value.requiredTimestamp("sampled_at"))
        } else {
            var processes: [ProcessInfo] = []
            for element in try value.requiredArray("processes").elements { processes.append(try ProcessInfo(element)) }
            outcome = .processes(processes)
        }
    }

    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        writer.object { writer in
            writer.member("id", id)
            writer.member("host", host)
            writer.member("answered_at", answeredAt)
            if case .failed(let failure) = outcome {
                writer.member("failure", failure.rawValue)
            } else {
                writer.member("failure", nil as String?)
            }
            if case .processes(let processes) = outcome {
                writer.member("processes", array: { writer in for process in processes { process.write(to: &writer) } })
            } else {
                writer.member("processes", raw: nil as [UInt8]?)
            }
            if case .sampled(let time) = outcome {
                writer.member("sampled_at", time)
            } else {
                writer.member("sampled_at", nil as Timestamp?)
            }
            writer.name("security")
            if case .security(let review) = outcome { review.write(to: &writer) } else { writer.null() }
        }
        return writer.bytes
    }
}

extension HostAnswer {
    static let schema = Schema.object(
        [
            .init("id", .uuid("The question's.")),
            .init("host", .text("gpu-7")),
            .init("answered_at", .time()),
            .init(
                "failure",
                .words(
                    Failure.allCases.map(\.rawValue),
                    "Why there is no answer: the worker does not know the question, the host's kernel did not say, "
                        + "or the bus did not take what was found."
                ).nullable.showing("null")),
            .init("processes", .array(ProcessInfo.schema, "Of a question for processes.").nullable),
            .init("security", SecurityReview.schema.nullable.showing("null")),
            .init(
                "sampled_at",
                .time("Of `sample`: the timestamp of a sample that is in host_metrics.").nullable.showing("null"),
                isRequired: false),
        ], "What a host answers to a question."
    ).named("HostAnswer")
}
