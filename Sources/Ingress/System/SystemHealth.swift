internal import Contracts

/// How a host stands against the constraints.
struct SystemHealth: Sendable, Hashable {
    enum Status: String, Sendable, CaseIterable { case healthy, warning, critical }

    private(set) var status = Status.healthy
    private(set) var issues: [String] = []
    private(set) var warnings: [String] = []
    private(set) var recommendations: [String] = []

    init(_ stats: HostStats, _ constraints: SystemConstraints) {
        if stats.cpuPercent > constraints.cpuWarning * 100 {
            status = .warning
            issues.append("High CPU usage: \(stats.cpuPercent.tenths) %")
            recommendations.append("Find what uses the processors: GET /api/v1/hardware/processes?sort_by=cpu.")
        }
        if stats.ramPercent > constraints.ramWarning * 100 {
            status = .warning
            issues.append("High RAM usage: \(stats.ramPercent.tenths) %")
            recommendations.append("Close programs that hold memory, or run fewer at once.")
        }
        let vram = stats.vramPercent / 100
        if vram > constraints.vramCritical {
            status = .critical
            issues.append("Critical VRAM usage: \(stats.vramPercent.tenths) %")
        } else if vram > constraints.vramWarning {
            if status == .healthy { status = .warning }
            warnings.append("High VRAM usage: \(stats.vramPercent.tenths) %")
        }
        if vram > constraints.vramWarning {
            recommendations += [
                "Enable offloading to the host's memory.", "Use int8 weights.", "Use smaller VAE tiles.",
            ]
        }
    }

    var message: String {
        let texts = issues.isEmpty ? warnings : issues
        return texts.isEmpty ? "All resources are within their limits" : texts.joined(separator: "; ")
    }
}

/// Whether a host has room for another generation.
struct ResourceCheck: Sendable, Hashable {
    let hasVRAM: Bool
    let hasCPU: Bool
    let hasRAM: Bool
    /// Whether fewer model sessions run than may.
    let hasSession: Bool
    let issues: [String]

    init(_ stats: HostStats, _ constraints: SystemConstraints, runningSessions: Int) {
        hasVRAM = stats.vramPercent / 100 < constraints.vramCritical
        hasCPU = stats.cpuPercent / 100 < constraints.cpuWarning
        hasRAM = stats.ramPercent / 100 < constraints.ramWarning
        hasSession = runningSessions < constraints.maximumGenerations
        issues = [
            hasVRAM ? nil : "VRAM usage too high: \(stats.vramPercent.tenths) %",
            hasCPU ? nil : "CPU usage too high: \(stats.cpuPercent.tenths) %",
            hasRAM ? nil : "RAM usage too high: \(stats.ramPercent.tenths) %",
            hasSession ? nil : "\(runningSessions) of \(constraints.maximumGenerations) model sessions run already",
        ].compactMap(\.self)
    }

    var canStart: Bool { issues.isEmpty }
}
