/// The unit of a duration that is given as a number alone.
package enum SettingsUnit: String, Sendable, CustomStringConvertible {
    case milliseconds, seconds, minutes, hours, days

    package var description: String { rawValue }

    /// Reads a number with or without a unit of its own.
    func duration(_ text: some StringProtocol) -> Duration? {
        let digits = text.prefix { !$0.isLetter }
        let suffix = text[digits.endIndex...]
        guard let number = Double(digits.trimmingBlanks), number.isFinite, abs(number) < 1e12 else { return nil }
        let unit: SettingsUnit
        switch suffix {
        case "": unit = self
        case "ms": unit = .milliseconds
        case "s": unit = .seconds
        case "m", "min": unit = .minutes
        case "h": unit = .hours
        case "d": unit = .days
        default: return nil
        }
        return .milliseconds(number * unit.milliseconds)
    }

    /// A duration as a number of this unit.
    func text(_ duration: Duration) -> String { MetricsText.number(duration / .milliseconds(milliseconds)) }

    private var milliseconds: Double {
        switch self {
        case .milliseconds: 1
        case .seconds: 1000
        case .minutes: 60_000
        case .hours: 3_600_000
        case .days: 86_400_000
        }
    }
}
