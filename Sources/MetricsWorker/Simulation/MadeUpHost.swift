import Contracts
import Runtime

/// A host that does not exist. Its figures wander as those of real hosts do, now and then something goes wrong on it, and
/// the same seed makes the same host.
struct MadeUpHost: Sendable {
    /// A figure that is drawn back to its mean.
    private struct Wander: Sendable {
        var mean: Double
        var spread: Double
        var range: ClosedRange<Double>
        private(set) var value: Double

        init(around mean: Double, spread: Double, in range: ClosedRange<Double>) {
            self.mean = mean
            self.spread = spread
            self.range = range
            value = mean
        }

        mutating func step(_ random: inout SeededRandom) -> Double {
            value += (mean - value) * 0.1 + Double.random(in: -spread...spread, using: &random)
            value = min(max(value, range.lowerBound), range.upperBound)
            return value
        }
    }

    private static let gibibyte = 1 << 30
    /// Of one sample: about twice an hour at one a second.
    private static let incidentProbability = 1.0 / 1800

    let name: String
    private let interval: Duration
    private let cores: Int
    private let memory: Int
    private let disk: Int
    private let gpus: Int
    private var random: SeededRandom
    private var cpu: Wander
    private var memoryShare: Wander
    private var diskShare: Wander
    private var traffic: Wander
    private var gpu: Wander
    private var uptime: Double
    private var received = 0.0
    private var written = 0.0
    private var incidentLeft = 0

    /// - Parameters:
    ///   - seed: Hosts of one seed are alike but for their names.
    init(_ name: String, seed: UInt64, interval: Duration) {
        self.name = name
        self.interval = interval
        var random = SeededRandom(seed: seed)
        cores = [4, 8, 16, 32, 64].randomElement(using: &random) ?? 4
        memory = cores * 4 * Self.gibibyte
        disk = [100, 500, 1000].randomElement(using: &random).map { $0 * Self.gibibyte } ?? Self.gibibyte
        gpus = [0, 0, 0, 1, 2, 8].randomElement(using: &random) ?? 0
        cpu = Wander(around: .random(in: 5...60, using: &random), spread: 5, in: 0...100)
        memoryShare = Wander(around: .random(in: 20...75, using: &random), spread: 0.5, in: 1...99)
        diskShare = Wander(around: .random(in: 10...75, using: &random), spread: 0.05, in: 1...99)
        traffic = Wander(around: .random(in: 1e4...1e7, using: &random), spread: 1e5, in: 0...1e9)
        gpu = Wander(around: .random(in: 10...90, using: &random), spread: 8, in: 0...100)
        uptime = .random(in: 3600...3e7, using: &random)
        self.random = random
    }

    /// The next sample, taken at a time.
    mutating func sample(at time: Timestamp) -> HostSample {
        let seconds = interval / .seconds(1)
        uptime += seconds
        let busy = busyPercent()
        let bytes = traffic.step(&random)
        received += bytes * seconds
        written += bytes / 2 * seconds
        var sample = HostSample(
            host: name, timestamp: time, interval: seconds, uptime: uptime, cpu: processors(busy), memory: ram(),
            fileSystems: [fileSystem()], disks: [device(bytes)], network: network(bytes),
            gpus: (0..<gpus).map { graphics($0) }, gpuReason: gpus == 0 ? "no NVIDIA driver" : nil)
        sample.pressure = PressureSample()
        sample.pressure?.cpuSome = busy / 10
        sample.openFiles = 1000 + Int(busy) * 10
        sample.maximumOpenFiles = 1_000_000
        return sample
    }

    private mutating func busyPercent() -> Double {
        if incidentLeft > 0 {
            incidentLeft -= 1
            return 99
        }
        if Double.random(in: 0..<1, using: &random) < Self.incidentProbability {
            incidentLeft = Int.random(in: 60...300, using: &random)
        }
        return cpu.step(&random)
    }

    private mutating func processors(_ busy: Double) -> CPUSample {
        let each = (0..<cores).map { _ in min(100, max(0, busy + .random(in: -10...10, using: &random))) }
        var sample = CPUSample(
            busyPercent: busy, coreBusyPercent: each, ioWaitPercent: busy / 50, stealPercent: 0, logicalCores: cores,
            physicalCores: cores / 2, frequencyMHz: 2400, temperatureCelsius: 35 + busy / 3,
            load1: busy / 100 * Double(cores), load5: busy / 110 * Double(cores), load15: busy / 120 * Double(cores),
            pressurePercent: busy / 10)
        sample.userPercent = busy * 0.7
        sample.systemPercent = busy * 0.3
        sample.idlePercent = 100 - busy - busy / 50
        return sample
    }

    private mutating func ram() -> MemorySample {
        let share = memoryShare.step(&random)
        let used = Int(Double(memory) * share / 100)
        return MemorySample(
            total: memory, available: memory - used, used: used, free: (memory - used) / 2, buffers: memory / 100,
            cached: (memory - used) / 3, usedPercent: share, swapTotal: 0, swapUsed: 0, pressurePercent: 0)
    }

    private mutating func fileSystem() -> FileSystemSample {
        let share = diskShare.step(&random)
        let used = Int(Double(disk) * share / 100)
        return FileSystemSample(
            mountPoint: "/", device: "/dev/nvme0n1p2", type: "ext4", total: disk, used: used, available: disk - used,
            usedPercent: share, inodesUsedPercent: share / 4)
    }

    private func device(_ bytes: Double) -> DiskSample {
        DiskSample(
            device: "nvme0n1", readBytes: Int(written / 2), writtenBytes: Int(written),
            readBytesPerSecond: bytes / 4, writtenBytesPerSecond: bytes / 2, readsPerSecond: bytes / 65_536,
            writesPerSecond: bytes / 32_768, busyPercent: min(100, bytes / 2e6), readLatencyMilliseconds: 0.2,
            writeLatencyMilliseconds: 0.4, queueLength: bytes / 1e8)
    }

    private func network(_ bytes: Double) -> NetworkSample {
        let interface = NetworkInterfaceSample(
            name: "eth0", receivedBytes: Int(received), sentBytes: Int(received / 2), receivedBytesPerSecond: bytes,
            sentBytesPerSecond: bytes / 2, errorsPerSecond: 0, dropsPerSecond: 0)
        return NetworkSample(
            receivedBytes: Int(received), sentBytes: Int(received / 2), receivedBytesPerSecond: bytes,
            sentBytesPerSecond: bytes / 2, interfaces: [interface])
    }

    private mutating func graphics(_ index: Int) -> GPUSample {
        let busy = gpu.step(&random)
        let total = 80 * Self.gibibyte
        return GPUSample(
            index: index, name: "Made-up GPU", uuid: "GPU-\(name)-\(index)", busyPercent: busy, memoryTotal: total,
            memoryUsed: Int(Double(total) * busy / 100), memoryUsedPercent: busy, temperatureCelsius: 30 + busy / 2,
            powerWatts: 80 + busy * 5, clockMHz: 1500)
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): a small generator whose numbers follow from its seed.
struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
