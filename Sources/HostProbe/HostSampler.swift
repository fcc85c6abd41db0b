import Glibc

/// Takes readings of a host and turns each two into rates. Belongs to one thread.
///
/// Never throws: a file that is missing, unreadable or malformed leaves its part nil with the reason, and is tried
/// again next time.
package final class HostSampler {
    private let buffer = ReadBuffer()
    private let cpu: CPUProbe
    private let frequency: CPUFrequencyProbe
    private let topology: CPUTopologyProbe
    private let load: LoadProbe
    private let memory: MemoryProbe
    private let cpuPressure: PressureProbe
    private let memoryPressure: PressureProbe
    private let ioPressure: PressureProbe
    private let virtualMemory: VirtualMemoryProbe
    private let uptime: UptimeProbe
    private let disks: DiskProbe
    private let fileSystems: FileSystemProbe
    private let network: NetworkProbe
    private let tcp: TCPProbe
    private let sockets: SocketProbe
    private let openFiles: OpenFilesProbe
    private let controlGroup: ControlGroupProbe
    private let containers: ContainerProbe
    private let temperatures: TemperatureProbe
    private let gpus: GPUProbe
    private let monotonic: () -> Duration
    private let ticksPerSecond: UInt64
    private var previous: HostReading?
    private var previousRates: HostRates?
    /// When each part of `previous` was read, by its bit.
    private var readAt = [Duration?](repeating: nil, count: HostParts.count)
    /// Of the last time that each part was read.
    private var partProblems: [(part: HostParts, error: ProbeError)] = []

    /// - Parameters:
    ///   - root: the folder that stands for `/`: a host's root inside a container, or a test's.
    ///   - monotonic: CLOCK_MONOTONIC, or a test's clock.
    package convenience init(root: String = "/", monotonic: @escaping () -> Duration = HostSampler.monotonicClock) {
        let root = Self.prefix(root)
        self.init(root: root, fileSystems: FileSystemProbe(root: root), monotonic: monotonic)
    }

    package init(root: String, fileSystems: FileSystemProbe, monotonic: @escaping () -> Duration) {
        let root = Self.prefix(root)
        cpu = CPUProbe(root: root)
        frequency = CPUFrequencyProbe(root: root, monotonic: monotonic)
        topology = CPUTopologyProbe(root: root)
        load = LoadProbe(root: root)
        memory = MemoryProbe(root: root)
        cpuPressure = PressureProbe(.cpu, root: root)
        memoryPressure = PressureProbe(.memory, root: root)
        ioPressure = PressureProbe(.io, root: root)
        virtualMemory = VirtualMemoryProbe(root: root)
        uptime = UptimeProbe(root: root)
        disks = DiskProbe(root: root)
        self.fileSystems = fileSystems
        network = NetworkProbe(root: root)
        tcp = TCPProbe(root: root)
        sockets = SocketProbe(root: root)
        openFiles = OpenFilesProbe(root: root)
        controlGroup = ControlGroupProbe(root: root)
        containers = ContainerProbe(root: root, monotonic: monotonic)
        temperatures = TemperatureProbe(root: root)
        gpus = GPUProbe(root: root)
        self.monotonic = monotonic
        ticksPerSecond = UInt64(max(sysconf(Int32(_SC_CLK_TCK)), 1))
    }

    /// Reads the host; the rates since the last reading are nil the first time.
    /// - Parameters:
    ///   - parts: What is read this time; the rates of a part are over the time since it was read last.
    ///   - watched: What is read now and then: of these, what is not read now stays as it was. The rest is nil.
    package func sample(
        _ parts: HostParts = .all, of watched: HostParts = .all
    ) -> (reading: HostReading, rates: HostRates?) {
        let parts = parts.intersection(watched)
        let kept = watched.subtracting(parts)
        partProblems.removeAll { !kept.contains($0.part) || $0.part.isEmpty }
        var reading = read(parts)
        if let previous { reading.keep(kept, of: previous) }
        reading.problems = partProblems.map(\.error)
        let rates = rates(parts, kept, reading)
        previous = reading
        previousRates = rates
        for bit in readAt.indices {
            let part = HostParts(rawValue: 1 << bit)
            if parts.contains(part) { readAt[bit] = reading.at } else if !kept.contains(part) { readAt[bit] = nil }
        }
        return (reading, rates)
    }

    private func rates(_ parts: HostParts, _ kept: HostParts, _ reading: HostReading) -> HostRates? {
        guard var last = previous else { return nil }
        // The parts by when they were read last: as a rule all at once.
        var groups: [(at: Duration, parts: HostParts)] = []
        for bit in readAt.indices {
            let part = HostParts(rawValue: 1 << bit)
            guard parts.contains(part), let time = readAt[bit] else { continue }
            if let index = groups.firstIndex(where: { $0.at == time }) {
                groups[index].parts.insert(part)
            } else {
                groups.append((time, part))
            }
        }
        if kept.isEmpty, groups.count <= 1 {
            return HostRates.between(last, reading, ticksPerSecond: ticksPerSecond)
        }
        var rates = HostRates(elapsed: reading.at - last.at)
        if let previousRates { rates.take(kept, from: previousRates) }
        for group in groups {
            last.at = group.at
            if let new = HostRates.between(last, reading, ticksPerSecond: ticksPerSecond) {
                rates.take(group.parts, from: new)
            }
        }
        return rates
    }

    /// Forgets the last reading, so that the next rates do not span a time in which nothing was sampled.
    package func reset() {
        previous = nil
        previousRates = nil
        readAt = [Duration?](repeating: nil, count: HostParts.count)
        containers.reset()
    }

    /// Time since boot without suspensions.
    package static func monotonicClock() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Duration(
            secondsComponent: Int64(time.tv_sec), attosecondsComponent: Int64(time.tv_nsec) * 1_000_000_000)
    }

    private func read(_ parts: HostParts) -> HostReading {
        var reading = HostReading(at: monotonic())
        // The counters first and together, close to the time they are given.
        reading.cpu = part(.cpu, parts) { () throws(ProbeError) in try cpu.read(buffer) }
        reading.disks = part(.disks, parts) { () throws(ProbeError) in try disks.read(buffer) }
        reading.network = part(.network, parts) { () throws(ProbeError) in try network.read(buffer) }
        reading.virtualMemory = part(.memory, parts) { () throws(ProbeError) in try virtualMemory.read(buffer) }
        reading.tcp = part(.network, parts) { () throws(ProbeError) in try tcp.read(buffer) }
        reading.controlGroup =
            part(.controlGroup, parts) { () throws(ProbeError) in try controlGroup.read(buffer) } ?? nil
        if parts.contains(.containers), let (list, total) = containers.read(buffer, at: reading.at) {
            reading.containers = list
            reading.containerCount = total
        }
        if let online = reading.cpu?.online, !online.isEmpty {
            reading.frequencyMHz = frequency.read(buffer, online: online, at: reading.at)
            reading.physicalCores = topology.physicalCores(buffer, online: online)
        }
        reading.load = part(.cpu, parts) { () throws(ProbeError) in try load.read(buffer) }
        reading.memory = part(.memory, parts) { () throws(ProbeError) in try memory.read(buffer) }
        reading.cpuPressure = part(.pressure, parts) { () throws(ProbeError) in try cpuPressure.read(buffer) }
        reading.memoryPressure = part(.pressure, parts) { () throws(ProbeError) in try memoryPressure.read(buffer) }
        reading.ioPressure = part(.pressure, parts) { () throws(ProbeError) in try ioPressure.read(buffer) }
        reading.sockets = part(.network, parts) { () throws(ProbeError) in try sockets.read(buffer) }
        reading.openFiles = part([], parts) { () throws(ProbeError) in try openFiles.read(buffer) }
        reading.uptime = part([], parts) { () throws(ProbeError) in try uptime.read(buffer) }
        if parts.contains(.temperatures) { reading.temperatures = temperatures.read(buffer) }
        if parts.contains(.gpus) { (reading.gpus, reading.gpuReason) = gpus.read(buffer, at: reading.at) }
        reading.fileSystems = part(.fileSystems, parts) { () throws(ProbeError) in try fileSystems.read(buffer) }
        for usage in reading.fileSystems ?? [] {
            if let problem = usage.problem { partProblems.append((.fileSystems, problem)) }
        }
        return reading
    }

    /// A part of a reading, or nil with its problem kept; nil as well for one that is not wanted now. What belongs to no
    /// part is always read.
    private func part<T>(_ part: HostParts, _ parts: HostParts, _ read: () throws(ProbeError) -> T) -> T? {
        guard parts.contains(part) else { return nil }
        do throws(ProbeError) {
            return try read()
        } catch {
            partProblems.append((part, error))
            return nil
        }
    }

    /// The root as a prefix of absolute paths.
    static func prefix(_ root: String) -> String { root.hasSuffix("/") ? String(root.dropLast()) : root }
}
