package import Runtime

/// How an alert stands after something happened to it: the body of an event on `fleet_events`.
///
/// Its routing key is `StreamNames.alert(change, host)`. Every change tells everything, so that who missed one is right
/// again with the next.
package struct AlertChange: Sendable, Hashable {
    package enum Change: String, Sendable, CaseIterable { case raised, updated, resolved }

    package enum Severity: String, Sendable, CaseIterable, Comparable {
        case low, medium, high, critical

        package static func < (one: Severity, other: Severity) -> Bool { one.rank < other.rank }

        private var rank: Int {
            switch self {
            case .low: 0
            case .medium: 1
            case .high: 2
            case .critical: 3
            }
        }
    }

    package enum State: String, Sendable, CaseIterable {
        case firing
        /// It fires, and the value has not been known for a while.
        case noData = "no_data"
        case resolved
    }

    package var change: Change
    /// Names one episode, from its beginning to its end.
    package var alertID: String
    /// Counts the changes of the episode from 1 on: a lower one that comes later says nothing.
    package var revision: Int
    package var host: String
    /// The rule that raised it, such as `disk_full`.
    package var rule: String
    /// Such as `disk_percent`.
    package var metric: String
    /// What on the host it is about, such as a mount point; nil for the host itself.
    package var subject: String?
    package var severity: Severity
    package var title: String
    package var message: String
    package var state: State
    /// The last known value.
    package var value: Double?
    /// What the value has reached.
    package var threshold: Double
    package var raisedAt: Timestamp
    package var at: Timestamp

    package init(
        change: Change, alertID: String, revision: Int, host: String, rule: String, metric: String, subject: String?,
        severity: Severity, title: String, message: String, state: State, value: Double?, threshold: Double,
        raisedAt: Timestamp, at: Timestamp
    ) {
        self.change = change
        self.alertID = alertID
        self.revision = revision
        self.host = host
        self.rule = rule
        self.metric = metric
        self.subject = subject
        self.severity = severity
        self.title = title
        self.message = message
        self.state = state
        self.value = value
        self.threshold = threshold
        self.raisedAt = raisedAt
        self.at = at
    }

    /// - Throws: `JSONError` or `MessageError`.
    package init(json: [UInt8]) throws {
        try self.init(JSONDocument(parsing: json).root)
    }

    package init(_ value: JSONValue) throws(MessageError) {
        change = try value.required("change", "a change") { $0.string.flatMap(Change.init(rawValue:)) }
        alertID = try value.requiredString("alert_id")
        revision = try value.requiredInt("revision")
        host = try value.requiredString("host")
        rule = try value.requiredString("rule")
        metric = try value.requiredString("metric")
        subject = value["subject"]?.string
        severity = try value.required("severity", "a severity") { $0.string.flatMap(Severity.init(rawValue:)) }
        title = try value.requiredString("title")
        message = try value.requiredString("message")
        state = try value.required("state", "a state") { $0.string.flatMap(State.init(rawValue:)) }
        self.value = value["value"]?.double
        threshold = try value.requiredDouble("threshold")
        raisedAt = try value.requiredTimestamp("raised_at")
        at = try value.requiredTimestamp("at")
    }

    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 512)
        write(to: &writer)
        return writer.bytes
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("change", change.rawValue)
            writer.member("alert_id", alertID)
            writer.member("revision", revision)
            writer.member("host", host)
            writer.member("rule", rule)
            writer.member("metric", metric)
            writer.member("subject", subject)
            writer.member("severity", severity.rawValue)
            writer.member("title", title)
            writer.member("message", message)
            writer.member("state", state.rawValue)
            writer.member("value", value)
            writer.member("threshold", threshold)
            writer.member("raised_at", raisedAt)
            writer.member("at", at)
        }
    }
}

extension AlertChange {
    static let schema = Schema.object(
        [
            .init("change", .words(Change.allCases.map(\.rawValue))),
            .init("alert_id", .uuid("Names one episode.")),
            .init("revision", .integer(1, "Counts the changes of the episode.", in: 1...Int.max)),
            .init("host", .text("gpu-7")),
            .init("rule", .text("disk_full")),
            .init("metric", .text("disk_percent")),
            .init("subject", .text("/var", "What on the host; null for the host itself.").nullable),
            .init("severity", .words(Severity.allCases.map(\.rawValue))),
            .init("title", .text("A disk is nearly full")),
            .init("message", .text("disk_percent of /var is 96.2, at or above 95.0")),
            .init("state", .words(State.allCases.map(\.rawValue))),
            .init("value", .number(96.2, "The last known.").nullable),
            .init("threshold", .number(95)),
            .init("raised_at", .time()),
            .init("at", .time()),
        ], "How an alert stands after something happened to it."
    ).named("AlertChange")
}
