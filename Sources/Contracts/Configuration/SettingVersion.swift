/// Which change of a setting holds: decides whether the next one in the log does. Every reader of the log has this rule.
package struct SettingVersion: Sendable, Hashable {
    /// Grows by one with every change that holds.
    package var number: Int64
    /// The key of the record of the change that holds.
    package var record: String

    package init(number: Int64, record: String) {
        self.number = number
        self.record = record
    }

    /// What becomes of a change when its turn comes.
    package enum Verdict: Sendable, Hashable {
        /// It holds, and the setting has this version.
        case holds(SettingVersion)
        /// It was based on another version than the setting has.
        case isLate(current: Int64)
        /// It is the change that holds, read once more.
        case isKnown(current: Int64)
    }

    /// A setting that the reader does not know takes every change: what came before it was deleted from the log, which
    /// happens only behind a change that holds.
    package static func verdict(on change: ConfigurationChange, after current: SettingVersion?) -> Verdict {
        if let current, current.number != change.basedOn {
            return current.record == change.key
                ? .isKnown(current: current.number) : .isLate(current: current.number)
        }
        return .holds(SettingVersion(number: change.basedOn + 1, record: change.key))
    }
}

/// One setting, followed in the log by whoever keeps no view of it.
package struct FollowedSetting: Sendable {
    package let name: String
    private var version: SettingVersion?
    /// A JSON object; nil when it was never set, or was deleted.
    package private(set) var value: [UInt8]?

    package init(name: String) { self.name = name }

    /// Takes the next record of the log.
    /// - Returns: Whether the setting has another value now.
    /// - Throws: `JSONError` or `MessageError` for a record of the setting that cannot be read; it changes nothing.
    package mutating func take(key: String, body: [UInt8]) throws -> Bool {
        guard key.hasPrefix(name + "#") else { return false }
        if body.isEmpty {
            guard version?.record == key else { return false }
            version = nil
            defer { value = nil }
            return value != nil
        }
        let change = try ConfigurationChange(json: body)
        guard change.setting == name,
            case .holds(let next) = SettingVersion.verdict(on: change, after: version)
        else { return false }
        version = next
        defer { value = change.value }
        return value != change.value
    }
}
