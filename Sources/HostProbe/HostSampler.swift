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
    package func sample() -> (reading: HostReading, rates: HostRates?) {
        let reading = read()
        defer { previous = reading }
        let rates = previous.flatMap { HostRates.between($0, reading, ticksPerSecond: ticksPerSecond) }
        return (reading, rates)
    }

    /// Forgets the last reading, so that the next rates do not span a time in which nothing was sampled.
    package func reset() {
        previous = nil
        containers.reset()
    }

    /// Time since boot without suspensions.
    package static func monotonicClock() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Duration(
            secondsComponent: Int64(time.tv_sec), attosecondsComponent: Int64(time.tv_nsec) * 1_000_000_000)
    }

    private func read() -> HostReading {
        var reading = HostReading(at: monotonic())
        var problems: [ProbeError] = []
        // The counters first and together, close to the time they are given.
        reading.cpu = part(&problems) { () throws(ProbeError) in try cpu.read(buffer) }
        reading.disks = part(&problems) { () throws(ProbeError) in try disks.read(buffer) }
        reading.network = part(&problems) { () throws(ProbeError) in try network.read(buffer) }
        reading.virtualMemory = part(&problems) { () throws(ProbeError) in try virtualMemory.read(buffer) }
        reading.tcp = part(&problems) { () throws(ProbeError) in try tcp.read(buffer) }
        reading.controlGroup = part(&problems) { () throws(ProbeError) in try controlGroup.read(buffer) } ?? nil
        if let (list, total) = containers.read(buffer, at: reading.at) {
            reading.containers = list
            reading.containerCount = total
        }
        if let online = reading.cpu?.online, !online.isEmpty {
            reading.frequencyMHz = frequency.read(buffer, online: online, at: reading.at)
            reading.physicalCores = topology.physicalCores(buffer, online: online)
        }
        reading.load = part(&problems) { () throws(ProbeError) in try load.read(buffer) }
        reading.memory = part(&problems) { () throws(ProbeError) in try memory.read(buffer) }
        reading.cpuPressure = part(&problems) { () throws(ProbeError) in try cpuPressure.read(buffer) }
        reading.memoryPressure = part(&problems) { () throws(ProbeError) in try memoryPressure.read(buffer) }
        reading.ioPressure = part(&problems) { () throws(ProbeError) in try ioPressure.read(buffer) }
        reading.sockets = part(&problems) { () throws(ProbeError) in try sockets.read(buffer) }
        reading.openFiles = part(&problems) { () throws(ProbeError) in try openFiles.read(buffer) }
        reading.uptime = part(&problems) { () throws(ProbeError) in try uptime.read(buffer) }
        reading.temperatures = temperatures.read(buffer)
        (reading.gpus, reading.gpuReason) = gpus.read(buffer, at: reading.at)
        reading.fileSystems = part(&problems) { () throws(ProbeError) in try fileSystems.read(buffer) }
        for usage in reading.fileSystems ?? [] {
            if let problem = usage.problem { problems.append(problem) }
        }
        reading.problems = problems
        return reading
    }

    /// A part of a reading, or nil with its problem kept.
    private func part<T>(_ problems: inout [ProbeError], _ read: () throws(ProbeError) -> T) -> T? {
        do throws(ProbeError) {
            return try read()
        } catch {
            problems.append(error)
            return nil
        }
    }

    /// The root as a prefix of absolute paths.
    static func prefix(_ root: String) -> String { root.hasSuffix("/") ? String(root.dropLast()) : root }
}
