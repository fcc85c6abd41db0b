import Contracts
import HostProbe

/// Which parts of a sample are due when it is taken.
struct PartSchedule: Sendable {
    private let intervals: [MetricClass: Duration]
    /// Half the time between samples: a part whose time comes before the next sample is nearer to this one.
    private let tolerance: Duration
    /// When each part was due that was taken last.
    private var takenAt: [MetricClass: Duration]

    /// - Parameter last: The schedule that this one replaces: what was taken lately is not due again.
    init(_ plan: MonitoringPlan, after last: PartSchedule? = nil) {
        intervals = plan.intervals
        tolerance = plan.interval / 2
        takenAt = last?.takenAt.filter { plan.intervals[$0.key] != nil } ?? [:]
    }

    /// Everything that is taken now and then.
    var watched: HostParts { HostParts(intervals.keys.map(\.part)) }

    /// What is due now; it counts as taken.
    /// - Parameter now: of the boot clock.
    mutating func take(at now: Duration) -> HostParts {
        var due: HostParts = []
        for (part, interval) in intervals {
            let next = takenAt[part].map { $0 + interval }
            if let next, now + tolerance <= next { continue }
            // As scheduled, so that an interval that is no multiple of the samples' is kept on average; from now on where
            // that time is long over.
            takenAt[part] = next.map { now - $0 <= tolerance ? $0 : now } ?? now
            due.insert(part.part)
        }
        return due
    }
}

extension MetricClass {
    /// What the sampler calls it.
    var part: HostParts {
        switch self {
        case .cpu: .cpu
        case .memory: .memory
        case .disk: .disks
        case .fileSystems: .fileSystems
        case .network: .network
        case .gpu: .gpus
        case .temperatures: .temperatures
        case .pressure: .pressure
        case .controlGroup: .controlGroup
        case .containers: .containers
        }
    }
}
