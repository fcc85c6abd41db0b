package import Contracts

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
        _ name: String, _ title: String, _ metric: AlertMetric, hold: Duration, keepFiring: Duration, levels: [Level]
    ) {
        self.name = name
        self.title = title
        self.metric = metric
        self.hold = hold
        self.keepFiring = keepFiring
        self.levels = levels
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
}

/// A value that rules look at.
package enum AlertMetric: String, Sendable, Hashable, CaseIterable {
    case cpu = "cpu_percent"
    case memory = "memory_percent"
    case disk = "disk_percent"
    case vram = "vram_percent"

    /// The values in a sample, by what on the host they are of; nil is what is not known now.
    func readings(_ sample: HostSample) -> [(subject: String?, value: Double?)] {
        switch self {
        case .cpu: [(nil, sample.cpu.busyPercent)]
        case .memory: [(nil, sample.memory.usedPercent)]
        case .disk: sample.fileSystems.map { ($0.mountPoint, $0.usedPercent) }
        case .vram: sample.gpus.map { ("GPU \($0.index)", $0.memoryUsedPercent) }
        }
    }
}
