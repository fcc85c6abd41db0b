/// Reads how fast the processors run: `cpufreq` of sysfs (kernel documentation, admin-guide/pm/cpufreq), or `cpu MHz` of
/// `/proc/cpuinfo`. Belongs to one thread.
///
/// A frequency takes a microsecond on one machine and, where the driver asks the processor for it, milliseconds on
/// another; `/proc/cpuinfo` takes a processor's whole description. So they are read each 10 s, or up to 5 min apart where
/// they are slow, and of each group of processors that share a clock only once.
package final class CPUFrequencyProbe {
    /// Processors that share a clock.
    private struct Policy {
        var frequency: KernelFile
        /// How many of them are online.
        var weight: Int
    }

    private static let folder = "/sys/devices/system/cpu/cpufreq"

    private let root: String
    private let information: KernelFile
    private let monotonic: () -> Duration
    private var schedule = SparseSchedule(longest: .seconds(300))
    private var online: CPUList?
    private var policies: [Policy] = []
    private var latest: Double?

    /// - Parameter monotonic: CLOCK_MONOTONIC, which tells how long a reading takes.
    package init(root: String = "", monotonic: @escaping () -> Duration = HostSampler.monotonicClock) {
        self.root = root
        self.monotonic = monotonic
        information = KernelFile(root: root, "/proc/cpuinfo")
    }

    /// The mean of the processors in MHz, as of the last reading; nil where the kernel does not say.
    /// - Parameter online: the processors that are online; when others are, the frequency is read anew.
    package func read(_ buffer: ReadBuffer, online: CPUList, at now: Duration) -> Double? {
        if online == self.online, !schedule.isDue(at: now) { return latest }
        let start = monotonic()
        // A driver may come later.
        if online != self.online || policies.isEmpty { policies = search(buffer) }
        self.online = online
        latest = mean(buffer) ?? meanOfInformation(buffer)
        schedule.finish(at: now, cost: monotonic() - start)
        return latest
    }

    private func search(_ buffer: ReadBuffer) -> [Policy] {
        KernelFolder.names(root + Self.folder).compactMap { name in
            guard name.hasPrefix("policy") else { return nil }
            // Numbers with a space between them; none when all of them are offline.
            let affected = KernelFile(root: root, "\(Self.folder)/\(name)/affected_cpus")
            let weight = affected.value(buffer) { line in
                var count = 0
                while line.integer() != nil { count += 1 }
                return count
            }
            guard weight != 0 else { return nil }
            let frequency = KernelFile(root: root, "\(Self.folder)/\(name)/scaling_cur_freq")
            return Policy(frequency: frequency, weight: weight ?? 1)
        }
    }

    /// Of the policies that say it, each by its processors.
    private func mean(_ buffer: ReadBuffer) -> Double? {
        var sum = 0.0
        var weight = 0
        for policy in policies {
            guard let kilohertz = policy.frequency.integer(buffer), kilohertz > 0 else { continue }
            sum += Double(kilohertz) * Double(policy.weight)
            weight += policy.weight
        }
        return weight > 0 ? sum / Double(weight) / 1000 : nil
    }

    private func meanOfInformation(_ buffer: ReadBuffer) -> Double? {
        let megahertz = try? information.read(buffer) { bytes throws(ProbeError) in CPUInformation(bytes).megahertz }
        return megahertz ?? nil
    }
}
