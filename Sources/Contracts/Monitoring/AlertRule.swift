/// When a value of a host is worth telling somebody.
package struct AlertRule: Sendable, Hashable {
    /// Names the rule in events and in the file of what fires.
    package var name: String
    package var title: String
    package var metric: AlertMetric
    /// The lowest first; thresholds and severities rise.
    package var levels: [Level]
    /// How long the lowest level must have been reached.
    package var hold: Duration
    /// How long the value must have left a level.
    package var keepFiring: Duration
    /// The hosts that it is for; nil for all.
    package var hosts: [HostPattern]?

    /// How bad it is from which value on.
    package struct Level: Sendable, Hashable {
        package var severity: AlertChange.Severity
        /// Reached at or above this.
        package var enter: Double
        /// Left at or below this: lower, so that a value around the threshold does not raise one alert after the other.
        package var leave: Double

        package init(_ severity: AlertChange.Severity, enter: Double, leave: Double) {
            self.severity = severity
            self.enter = enter
            self.leave = leave
        }
    }

    package init(
        _ name: String, _ title: String, _ metric: AlertMetric, hold: Duration, keepFiring: Duration, levels: [Level],
        hosts: [HostPattern]? = nil
    ) {
        self.name = name
        self.title = title
        self.metric = metric
        self.hold = hold
        self.keepFiring = keepFiring
        self.levels = levels
        self.hosts = hosts
    }

    /// The thresholds of the requirement documents, with distances between entering and leaving.
    package static let standard = [
        AlertRule(
            "cpu_busy", "The processors are busy", .cpu, hold: .seconds(60), keepFiring: .seconds(60),
            levels: [Level(.medium, enter: 90, leave: 85), Level(.high, enter: 98, leave: 95)]),
        AlertRule(
            "memory_full", "Memory is nearly used up", .memory, hold: .seconds(30), keepFiring: .seconds(60),
            levels: [Level(.high, enter: 90, leave: 85), Level(.critical, enter: 97, leave: 94)]),
        AlertRule(
            "disk_full", "A file system is nearly full", .disk, hold: .seconds(30), keepFiring: .seconds(60),
            levels: [Level(.medium, enter: 85, leave: 80), Level(.critical, enter: 95, leave: 90)]),
        AlertRule(
            "vram_full", "The memory of a GPU is nearly used up", .vram, hold: .seconds(30), keepFiring: .seconds(60),
            levels: [Level(.medium, enter: 85, leave: 80), Level(.critical, enter: 95, leave: 90)]),
    ]

    /// A rule of one level for a metric that no other rule is about.
    package static func plain(_ metric: AlertMetric, threshold: Double) -> AlertRule {
        AlertRule(
            metric.rawValue, "\(metric.rawValue) is high", metric, hold: .seconds(30), keepFiring: .seconds(60),
            levels: [Level(.medium, enter: threshold, leave: metric.leave(below: threshold))])
    }

    package func isFor(_ host: String) -> Bool { hosts?.contains { $0.matches(host) } ?? true }

    /// The same, raised from this value on.
    ///
    /// The lowest level keeps its distance between entering and leaving. Levels at or below the value fall away, and the
    /// lowest that is left has the severity of the worst of them: how bad a value is does not change.
    package func raised(from threshold: Double) -> AlertRule {
        guard let lowest = levels.first else { return self }
        let passed = levels.lastIndex { $0.enter <= threshold } ?? 0
        var copy = self
        copy.levels.removeFirst(passed)
        copy.levels[0].enter = threshold
        copy.levels[0].leave = metric.leave(below: threshold, by: lowest.enter - lowest.leave)
        if copy.levels.count > 1 { copy.levels[0].leave = min(copy.levels[0].leave, copy.levels[1].leave) }
        return copy
    }

    /// The level that an alert of this severity is at: the worst that is not worse, else the lowest.
    package func level(of severity: AlertChange.Severity) -> Int {
        levels.lastIndex { $0.severity <= severity } ?? 0
    }
}
