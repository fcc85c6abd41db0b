package import Runtime

/// The value of one setting of the fleet, as the log has it.
package struct FleetSetting: Sendable, Hashable {
    package let name: String
    /// Grows by one with every change.
    package let version: Int64
    /// A JSON object; nil when the setting was deleted.
    package let value: [UInt8]?
    package let changedAt: Timestamp
    /// The id of the principal.
    package let changedBy: String
}

/// What became of a change.
enum ConfigurationOutcome: Sendable, Hashable {
    case applied(FleetSetting)
    /// The setting has another version than the change was based on; nothing was changed.
    case conflict(current: Int64)
}
