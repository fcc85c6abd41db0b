/// What the control group of this process may use and uses: its container, service or slice.
package struct ControlGroupReading: Sendable, Hashable {
    /// Which interface of the kernel its numbers come from.
    package enum Version: String, Sendable {
        case v1, v2
        /// Controllers of version 1 beside a hierarchy of version 2.
        case hybrid
    }

    package var version: Version
    /// In its hierarchy, as this process sees it.
    package var path: String
    package var memory: ControlGroupMemory?
    package var processor: ControlGroupProcessor?
    /// The processors that the group may run on; nil where nothing says so.
    package var cpuset: CPUList?
    /// Of version 2 only.
    package var cpuPressure: Pressure?
    package var memoryPressure: Pressure?
    package var ioPressure: Pressure?

    package init(version: Version, path: String) {
        self.version = version
        self.path = path
    }
}

/// The memory of a control group, in bytes.
///
/// The usage is that of the group which sets the limit, the smallest of the group and its parents: what counts
/// against a limit is what everyone below it uses. Without a limit it is the group's own.
package struct ControlGroupMemory: Sendable, Hashable {
    /// Nil without a limit.
    package var limit: UInt64?
    /// With the page cache.
    package var usage: UInt64?
    /// The usage without file pages that were not used lately, which the kernel takes back first.
    package var workingSet: UInt64?

    package init(limit: UInt64?, usage: UInt64?, workingSet: UInt64?) {
        self.limit = limit
        self.usage = usage
        self.workingSet = workingSet
    }
}

/// The processor time of a control group, of the one that sets the limit as with memory.
package struct ControlGroupProcessor: Sendable, Hashable {
    /// In processors; nil without a limit.
    package var limit: Double?
    /// Microseconds of processor time since the group began.
    package var usage: UInt64?
    /// Periods in which the group ran, and those in which it had to wait as its quota was used up.
    package var periods: UInt64?
    package var throttledPeriods: UInt64?

    package init(limit: Double?, usage: UInt64?, periods: UInt64? = nil, throttledPeriods: UInt64? = nil) {
        self.limit = limit
        self.usage = usage
        self.periods = periods
        self.throttledPeriods = throttledPeriods
    }
}

/// What the control group did between two readings.
package struct ControlGroupRates: Sendable, Hashable {
    /// Processors that it kept busy.
    package var usedCores: Double?
    /// Percent of its periods in which it was throttled, 0–100; nil when it had none.
    package var throttledPercent: Double?

    static func between(
        _ previous: ControlGroupProcessor, _ current: ControlGroupProcessor, seconds: Double
    ) -> ControlGroupRates {
        let usage = CounterRate.perSecond(previous.usage, current.usage, seconds: seconds)
        var throttled: Double?
        if let periods = CounterRate.increase(previous.periods, current.periods), periods > 0,
            let waited = CounterRate.increase(previous.throttledPeriods, current.throttledPeriods)
        {
            throttled = min(Double(waited) / Double(periods) * 100, 100)
        }
        return ControlGroupRates(usedCores: usage.map { $0 / 1_000_000 }, throttledPercent: throttled)
    }
}
