internal import Contracts

/// What a host's numbers suggest, by rules that say which numbers. Nothing, where there is nothing to say.
enum RecommendationRules {
    private static let rules: [@Sendable (HostEvidence) -> [Recommendation]] = [
        nearlyFullDisks, memoryShort, processorsShort, swapping, idleHost,
    ]

    /// The most urgent first.
    static func recommendations(for evidence: HostEvidence) -> [Recommendation] {
        let order = Recommendation.Priority.allCases
        return rules.flatMap { $0(evidence) }.sorted { left, right in
            let ranks = [left, right].map { order.firstIndex(of: $0.priority) ?? 0 }
            return ranks[0] == ranks[1] ? left.id < right.id : ranks[0] > ranks[1]
        }
    }

    /// Means of a time say something only when they are of most of it.
    private static func whole(_ means: HostEvidence.Means?, hours: Double) -> HostEvidence.Means? {
        means.flatMap { $0.covered >= .seconds(0.9 * hours * 3600) ? $0 : nil }
    }

    private static let nearlyFullDisks: @Sendable (HostEvidence) -> [Recommendation] = { evidence in
        evidence.sample.fileSystems.compactMap { disk in
            guard let used = disk.usedPercent, used >= 85 else { return nil }
            return Recommendation(
                id: "disk_nearly_full:\(disk.mountPoint)", category: .disk, title: "Make room on \(disk.mountPoint)",
                description:
                    "The file system is \(used.tenths) % full. A dry run of the optimization 'disk' says what can go.",
                priority: used >= 95 ? .critical : .high, complexity: .low, minutes: 10, prerequisites: [],
                evidence: [("used_percent", used)]
                    + [("available_bytes", disk.available)].compactMap { name, value in value.map { (name, Double($0)) }
                    })
        }
    }

    private static let memoryShort: @Sendable (HostEvidence) -> [Recommendation] = { evidence in
        guard let day = whole(evidence.lastDay, hours: 24), day.ramPercent >= 85 else { return [] }
        return [
            Recommendation(
                id: "memory_short", category: .memory, title: "Give the host more memory, or less to do",
                description: "Over the last day \(day.ramPercent.tenths) % of the memory was in use on average.",
                priority: day.ramPercent >= 93 ? .critical : .high, complexity: .high, minutes: nil,
                prerequisites: ["More memory, or another host for some of the work"],
                evidence: [("mean_ram_percent", day.ramPercent), ("samples", Double(day.samples))])
        ]
    }

    private static let processorsShort: @Sendable (HostEvidence) -> [Recommendation] = { evidence in
        guard let hour = whole(evidence.lastHour, hours: 1), hour.cpuPercent >= 85 else { return [] }
        let load = evidence.sample.cpu.load15.map { [("load15", $0)] } ?? []
        return [
            Recommendation(
                id: "processors_short", category: .cpu, title: "Find what uses the processors",
                description: "Over the last hour they were busy for \(hour.cpuPercent.tenths) % of the time.",
                priority: .high, complexity: .medium, minutes: 15, prerequisites: [],
                evidence: [("mean_cpu_percent", hour.cpuPercent), ("samples", Double(hour.samples))] + load)
        ]
    }

    private static let swapping: @Sendable (HostEvidence) -> [Recommendation] = { evidence in
        let memory = evidence.sample.memory
        guard let swap = memory.swapUsedPercent, let used = memory.usedPercent, swap >= 25, used >= 80 else {
            return []
        }
        return [
            Recommendation(
                id: "swapping", category: .memory, title: "Free memory before the host swaps more",
                description: "\(swap.tenths) % of the swap and \(used.tenths) % of the memory are in use.",
                priority: .high, complexity: .low, minutes: 5, prerequisites: [],
                evidence: [("swap_percent", swap), ("ram_percent", used)])
        ]
    }

    private static let idleHost: @Sendable (HostEvidence) -> [Recommendation] = { evidence in
        guard let week = whole(evidence.lastWeek, hours: 168), week.cpuPercent < 5, week.ramPercent < 25 else {
            return []
        }
        return [
            Recommendation(
                id: "idle_host", category: .cpu, title: "Give the host more to do, or switch it off",
                description: "Over the last week its processors were busy for \(week.cpuPercent.tenths) % of the time.",
                priority: .low, complexity: .medium, minutes: nil, prerequisites: ["Somebody who knows what it is for"],
                evidence: [("mean_cpu_percent", week.cpuPercent), ("mean_ram_percent", week.ramPercent)])
        ]
    }
}
