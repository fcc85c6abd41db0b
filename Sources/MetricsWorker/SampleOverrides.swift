import Contracts

/// Values that replace sampled ones, so that thresholds can be tried: an object with the names of the stats record of
/// `/api/v1/system/stats` and `disk_percent`, which is that of `/`.
///
/// A null replaces a value by "unknown". Of a used amount, a total and a percentage that belong together the missing
/// one follows from the others.
struct SampleOverrides: Sendable, Hashable {
    /// What can be replaced.
    enum Field: String, Sendable, CaseIterable {
        case cpuPercent = "cpu_percent"
        case ramUsed = "ram_used_gb"
        case ramTotal = "ram_total_gb"
        case ramPercent = "ram_percent"
        case diskPercent = "disk_percent"
        case gpuPercent = "gpu_percent"
        case vramUsed = "vram_used_mb"
        case vramTotal = "vram_total_mb"
        case vramPercent = "vram_percent"

        /// Percentages end at 100; amounts at 1 PiB, in the unit of their name.
        fileprivate var range: ClosedRange<Double> {
            switch self {
            case .cpuPercent, .ramPercent, .diskPercent, .gpuPercent, .vramPercent: 0...100
            case .ramUsed, .ramTotal: 0...1_048_576
            case .vramUsed, .vramTotal: 0...1_073_741_824
            }
        }
    }

    private(set) var values: [Field: Double?] = [:]
    /// The members that mean nothing or have a value out of range, sorted.
    private(set) var ignored: [String] = []

    init() {}

    init(json: [UInt8]) throws {
        let root = try JSONDocument(parsing: json).root
        guard root.kind == .object else { throw MessageError("not an object") }
        for (name, value) in root.members {
            guard let field = Field(rawValue: name.string) else {
                // The record that is copied into the file has one; the sample keeps its own.
                if name.string != "timestamp" { ignored.append(name.string) }
                continue
            }
            if value.isNull {
                values[field] = .some(nil)
            } else if let number = value.double, field.range.contains(number) {
                values[field] = number
            } else {
                ignored.append(name.string)
            }
        }
        ignored.sort()
    }

    func apply(to sample: inout HostSample) {
        guard !values.isEmpty else { return }
        if let value = values[.cpuPercent] { sample.cpu.busyPercent = value }
        applyMemory(to: &sample.memory)
        if let value = values[.diskPercent] {
            let root = sample.fileSystems.firstIndex { $0.mountPoint == "/" }
            if let root {
                sample.fileSystems[root].usedPercent = value
            } else {
                sample.fileSystems.insert(FileSystemSample(mountPoint: "/", usedPercent: value), at: 0)
            }
        }
        applyGPU(to: &sample)
    }

    private func applyMemory(to memory: inout MemorySample) {
        let part = Part(
            used: values[.ramUsed], total: values[.ramTotal], percent: values[.ramPercent], unit: 0x1p30)
        guard part.isGiven else { return }
        part.apply(used: &memory.used, total: &memory.total, percent: &memory.usedPercent)
        guard let total = memory.total, let used = memory.used else {
            memory.available = nil
            return
        }
        memory.available = max(total - used, 0)
    }

    private func applyGPU(to sample: inout HostSample) {
        let part = Part(
            used: values[.vramUsed], total: values[.vramTotal], percent: values[.vramPercent], unit: 0x1p20)
        guard part.isGiven || values[.gpuPercent] != nil else { return }
        var gpu = sample.gpus.first ?? GPUSample(index: 0, name: "METRICS_SOURCE_FILE")
        if let value = values[.gpuPercent] { gpu.busyPercent = value }
        part.apply(used: &gpu.memoryUsed, total: &gpu.memoryTotal, percent: &gpu.memoryUsedPercent)
        if sample.gpus.isEmpty { sample.gpus = [gpu] } else { sample.gpus[0] = gpu }
        sample.gpuReason = nil
    }
}

/// A used amount, its total and the percentage, of which any may be replaced.
private struct Part {
    let used: Double??
    let total: Double??
    let percent: Double??
    /// Bytes.
    let unit: Double

    var isGiven: Bool { used != nil || total != nil || percent != nil }

    func apply(used usedBytes: inout Int?, total totalBytes: inout Int?, percent percentage: inout Double?) {
        if let total { totalBytes = total.map { Int($0 * unit) } }
        if let used { usedBytes = used.map { Int($0 * unit) } }
        if let percent { percentage = percent }
        guard let totalBytes, totalBytes > 0 else { return }
        if percent == nil, used != nil || total != nil {
            percentage = usedBytes.map { min(Double($0) / Double(totalBytes) * 100, 100) }
        } else if used == nil, let percentage {
            usedBytes = Int(Double(totalBytes) * percentage / 100)
        }
    }
}
