/// A value that rules look at.
package enum AlertMetric: String, Sendable, Hashable, CaseIterable {
    case cpu = "cpu_percent"
    case memory = "memory_percent"
    case disk = "disk_percent"
    case vram = "vram_percent"
    case ioWait = "iowait_percent"
    case steal = "steal_percent"
    case swap = "swap_percent"
    case inodes = "inodes_percent"
    case gpu = "gpu_percent"
    case cpuPressure = "cpu_pressure_percent"
    case memoryPressure = "memory_pressure_percent"
    case ioPressure = "io_pressure_percent"
    case groupMemory = "cgroup_memory_percent"
    case openFiles = "open_files_percent"
    case temperature = "temperature_celsius"

    package static let names = allCases.map(\.rawValue)

    /// What a threshold of it may be.
    package var range: ClosedRange<Double> { self == .temperature ? -50...200 : 0...100 }

    /// How far below the threshold it is over, unless a rule says otherwise.
    package static let distance = 5.0

    /// Where a level is left that is entered at a threshold. A percentage is left at half of a low threshold: it never
    /// gets below 0.
    package func leave(below enter: Double, by distance: Double = distance) -> Double {
        self == .temperature || enter <= 0 ? enter - distance : max(enter - distance, enter / 2)
    }

    /// The part of a sample that it comes with; nil for what every sample has.
    package var metricClass: MetricClass? {
        switch self {
        case .cpu, .ioWait, .steal: .cpu
        case .memory, .swap: .memory
        case .disk, .inodes: .fileSystems
        case .vram, .gpu: .gpu
        case .cpuPressure, .memoryPressure, .ioPressure: .pressure
        case .groupMemory: .controlGroup
        case .openFiles: nil
        case .temperature: .temperatures
        }
    }

    /// The values in a sample, by what on the host they are of; nil is what is not known now.
    package func readings(_ sample: HostSample) -> [(subject: String?, value: Double?)] {
        switch self {
        case .cpu: [(nil, sample.cpu.busyPercent)]
        case .ioWait: [(nil, sample.cpu.ioWaitPercent)]
        case .steal: [(nil, sample.cpu.stealPercent)]
        case .memory: [(nil, sample.memory.usedPercent)]
        case .swap: [(nil, sample.memory.swapUsedPercent)]
        case .disk: sample.fileSystems.map { ($0.mountPoint, $0.usedPercent) }
        case .inodes: sample.fileSystems.map { ($0.mountPoint, $0.inodesUsedPercent) }
        case .vram: sample.gpus.map { ("GPU \($0.index)", $0.memoryUsedPercent) }
        case .gpu: sample.gpus.map { ("GPU \($0.index)", $0.busyPercent) }
        case .cpuPressure: [(nil, sample.pressure?.cpuSome)]
        case .memoryPressure: [(nil, sample.pressure?.memorySome)]
        case .ioPressure: [(nil, sample.pressure?.ioSome)]
        case .groupMemory: [(nil, sample.controlGroup?.effectiveMemoryUsedPercent)]
        case .openFiles: [(nil, Self.percent(sample.openFiles, of: sample.maximumOpenFiles))]
        case .temperature: Self.temperatures(sample)
        }
    }

    private static func percent(_ used: Int?, of maximum: Int?) -> Double? {
        guard let used, let maximum, maximum > 0 else { return nil }
        return min(Double(used) / Double(maximum) * 100, 100)
    }

    /// Sensors of one name are told apart by their order.
    private static func temperatures(_ sample: HostSample) -> [(subject: String?, value: Double?)] {
        var counts: [String: Int] = [:]
        return sample.temperatures.map { sensor in
            let name = sensor.label.map { "\(sensor.sensor) \($0)" } ?? sensor.sensor
            counts[name, default: 0] += 1
            let count = counts[name] ?? 1
            return (count == 1 ? name : "\(name) #\(count)", sensor.celsius)
        }
    }
}
