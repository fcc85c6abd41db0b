/// What a processor, or all of them, did between two readings, in percent of their time.
///
/// All but `guest` and `busy` add up to 100. `guest` is a part of `user` and `nice`.
package struct CPUUsage: Sendable, Hashable {
    /// Everything but idle and iowait.
    package var busy: Double
    package var user: Double
    package var nice: Double
    package var system: Double
    package var idle: Double
    package var iowait: Double
    package var irq: Double
    package var softirq: Double
    package var steal: Double
    package var guest: Double

    /// `busy = total − idle − iowait` over the differences of the fields, each at least 0, since iowait and idle
    /// really decrease a little (kernel documentation, filesystems/proc).
    ///
    /// Nil when no tick passed, or when idle fell by more than 3 s: the processor was unplugged and its counters
    /// started again, so there is nothing to compare with.
    package static func between(
        _ previous: CPUTimes, _ current: CPUTimes, ticksPerSecond: UInt64
    ) -> CPUUsage? {
        if previous.idle > current.idle, previous.idle - current.idle > 3 * ticksPerSecond { return nil }
        func difference(_ old: UInt64, _ new: UInt64) -> Double { new > old ? Double(new - old) : 0 }
        let user = difference(previous.user, current.user)
        let nice = difference(previous.nice, current.nice)
        let system = difference(previous.system, current.system)
        let idle = difference(previous.idle, current.idle)
        let iowait = difference(previous.iowait, current.iowait)
        let irq = difference(previous.irq, current.irq)
        let softirq = difference(previous.softirq, current.softirq)
        let steal = difference(previous.steal, current.steal)
        let guest = difference(previous.guest, current.guest) + difference(previous.guestNice, current.guestNice)
        let busy = user + nice + system + irq + softirq + steal
        let total = busy + idle + iowait
        guard total > 0 else { return nil }
        let scale = 100 / total
        return CPUUsage(
            busy: min(busy * scale, 100), user: user * scale, nice: nice * scale, system: system * scale,
            idle: idle * scale, iowait: iowait * scale, irq: irq * scale, softirq: softirq * scale,
            steal: steal * scale, guest: min(guest, user + nice) * scale)
    }
}

/// The usage of one processor that is online.
package struct CoreUsage: Sendable, Hashable {
    package var id: Int
    /// Nil for a processor that was just plugged in.
    package var usage: CPUUsage?

    /// The cores of the current reading, each compared with the same id of the previous one.
    static func between(_ previous: CPUReading, _ current: CPUReading, ticksPerSecond: UInt64) -> [CoreUsage] {
        var place = 0
        return current.cores.map { core in
            while place < previous.cores.count, previous.cores[place].id < core.id { place += 1 }
            guard place < previous.cores.count, previous.cores[place].id == core.id else {
                return CoreUsage(id: core.id, usage: nil)
            }
            let before = previous.cores[place].times
            return CoreUsage(id: core.id, usage: .between(before, core.times, ticksPerSecond: ticksPerSecond))
        }
    }
}
