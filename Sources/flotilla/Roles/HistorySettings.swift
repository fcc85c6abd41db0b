import Ingress
import Runtime

/// Reads how long the history of hosts is kept.
enum HistorySettings {
    private static let day: Duration = .seconds(86_400)

    static func read(_ reader: inout SettingsReader) -> HostHistoryLimits {
        let standard = HostHistoryLimits.standard
        var limits = standard
        limits.seconds =
            reader.duration(
                "HISTORY_SECONDS_KEPT_HOURS", default: .seconds(standard.seconds), unit: .hours,
                in: .seconds(3600) ... .seconds(168 * 3600)
            ).components.seconds
        limits.minutes =
            reader.duration(
                "HISTORY_MINUTES_KEPT_DAYS", default: .seconds(60 * standard.minutes), unit: .days, in: day...(day * 90)
            ).components.seconds / 60
        limits.hours =
            reader.duration(
                "HISTORY_HOURS_KEPT_DAYS", default: .seconds(3600 * standard.hours), unit: .days,
                in: (day * 90)...(day * 3650)
            ).components.seconds / 3600
        return limits
    }
}
