package import Runtime

/// A host is heard of again, or no more: the body of an event on `fleet_events`.
///
/// Its routing key is `StreamNames.host(change, host)`. Ingresses publish it, each what it sees first: the same change
/// may come more than once, with the same message id.
package struct HostChange: Sendable, Hashable {
    package enum State: String, Sendable, CaseIterable {
        /// It reports.
        case up
        /// It has been silent for three of its intervals.
        case stale
        /// It has been silent for so long that somebody should look.
        case down
    }

    package var state: State
    package var host: String
    /// When its last sample reached the log, by the log's clock.
    package var heardAt: Timestamp
    /// Seconds between two of its samples, as it says.
    package var interval: Double
    /// Seconds for which nothing had come when it was `stale` or `down`, and before it was `up`; nil for a host that
    /// was never heard of before.
    package var silentSeconds: Double?
    package var at: Timestamp

    package init(
        _ state: State, host: String, heardAt: Timestamp, interval: Double, silentSeconds: Double?, at: Timestamp
    ) {
        self.state = state
        self.host = host
        self.heardAt = heardAt
        self.interval = interval
        self.silentSeconds = silentSeconds
        self.at = at
    }

    /// - Throws: `JSONError` or `MessageError`.
    package init(json: [UInt8]) throws {
        let root = try JSONDocument(parsing: json).root
        state = try root.required("state", "a state of a host") { $0.string.flatMap(State.init(rawValue:)) }
        host = try root.requiredString("host")
        heardAt = try root.requiredTimestamp("heard_at")
        interval = try root.requiredDouble("interval")
        silentSeconds = root["silent_seconds"]?.double
        at = try root.requiredTimestamp("at")
    }

    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 192)
        writer.object { writer in
            writer.member("state", state.rawValue)
            writer.member("host", host)
            writer.member("heard_at", heardAt)
            writer.member("interval", interval)
            writer.member("silent_seconds", silentSeconds)
            writer.member("at", at)
        }
        return writer.bytes
    }
}

extension HostChange {
    static let schema = Schema.object(
        [
            .init("state", .words(State.allCases.map(\.rawValue))),
            .init("host", .text("gpu-7")),
            .init("heard_at", .time("When its last sample reached the log.")),
            .init("interval", .number(1, "Seconds between two of its samples.")),
            .init("silent_seconds", .number(62, "For how long nothing had come; null before its first.").nullable),
            .init("at", .time()),
        ], "A host is heard of again, or no more."
    ).named("HostChange")
}
