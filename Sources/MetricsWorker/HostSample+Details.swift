import Contracts
import HostProbe

/// The parts of the message that are objects of their own.
extension PressureSample {
    /// Nil where the kernel has no pressure information.
    init?(cpu: Pressure?, memory: Pressure?, io: Pressure?) {
        if cpu == nil, memory == nil, io == nil { return nil }
        self.init()
        cpuSome = cpu?.some.average10
        cpuFull = cpu?.full?.average10
        memorySome = memory?.some.average10
        memoryFull = memory?.full?.average10
        ioSome = io?.some.average10
        ioFull = io?.full?.average10
    }
}

extension ControlGroupSample {
    init(_ group: ControlGroupReading, _ reading: HostReading, _ rates: HostRates?) {
        self.init()
        version = group.version.rawValue
        path = group.path
        effectiveCores = reading.effectiveCores
        cpuset = group.cpuset?.text
        usedCores = rates?.controlGroup?.usedCores
        if let usedCores, let effectiveCores, effectiveCores > 0 {
            // A group may run past its quota for a moment, as the kernel hands it out in slices.
            usedCPUPercent = min(usedCores / effectiveCores * 100, 100)
        }
        throttledPercent = rates?.controlGroup?.throttledPercent
        if let (total, used) = reading.effectiveMemory, total > 0 {
            effectiveMemory = Int(clamping: total)
            effectiveMemoryUsedPercent = used.map { min(Double($0) / Double(total) * 100, 100) }
        }
        memoryUsage = group.memory?.usage.map { Int(clamping: $0) }
        workingSet = group.memory?.workingSet.map { Int(clamping: $0) }
        pressure = PressureSample(cpu: group.cpuPressure, memory: group.memoryPressure, io: group.ioPressure)
    }
}

extension CoreTimesSample {
    init(_ cores: [CoreUsage]) {
        self.init { kind in
            let share: KeyPath<CPUUsage, Double> =
                switch kind {
                case .user: \.user
                case .nice: \.nice
                case .system: \.system
                case .idle: \.idle
                case .ioWait: \.iowait
                case .irq: \.irq
                case .softIRQ: \.softirq
                case .steal: \.steal
                case .guest: \.guest
                }
            return cores.map { $0.usage?[keyPath: share] }
        }
    }
}

extension ContainerSample {
    /// - Parameter now: of the host's reading.
    init(_ container: ContainerReading, at now: Duration) {
        self.init(id: container.id)
        ageSeconds = (now - container.at) / .seconds(1)
        runtime = container.runtime?.rawValue
        name = container.name
        path = container.path
        cpuPercent = container.rates?.processor?.usedCores.map { $0 * 100 }
        limitCores = container.processor?.limit
        throttledPercent = container.rates?.processor?.throttledPercent
        memoryUsage = container.memory?.usage.map { Int(clamping: $0) }
        workingSet = container.memory?.workingSet.map { Int(clamping: $0) }
        memoryLimit = container.memory?.limit.map { Int(clamping: $0) }
        pids = container.tasks.map { Int(clamping: $0) }
        readBytes = container.transfers.map { Int(clamping: $0.readBytes) }
        writtenBytes = container.transfers.map { Int(clamping: $0.writtenBytes) }
        readBytesPerSecond = container.rates?.readBytesPerSecond
        writtenBytesPerSecond = container.rates?.writtenBytesPerSecond
    }
}

extension TCPSample {
    init(_ counters: TCPCounters, _ sockets: SocketCounts?, _ rates: TCPRates?) {
        self.init()
        established = counters.established.map { Int(clamping: $0) }
        timeWait = sockets?.tcpTimeWait.map { Int(clamping: $0) }
        orphaned = sockets?.tcpOrphaned.map { Int(clamping: $0) }
        guard let rates else { return }
        activeOpensPerSecond = rates.activeOpensPerSecond
        passiveOpensPerSecond = rates.passiveOpensPerSecond
        failedAttemptsPerSecond = rates.failedAttemptsPerSecond
        resetsPerSecond = rates.resetsPerSecond
        receivedSegmentsPerSecond = rates.receivedSegmentsPerSecond
        sentSegmentsPerSecond = rates.sentSegmentsPerSecond
        retransmittedSegmentsPerSecond = rates.retransmittedSegmentsPerSecond
        retransmittedPercent = rates.retransmittedPercent
        receiveErrorsPerSecond = rates.receiveErrorsPerSecond
    }
}

extension GPUSample {
    /// Processes of one GPU; a GPU with more shows the first ones.
    private static let maximumProcesses = 64

    /// - Parameter rates: of a GPU whose driver counts its sleep and its energy.
    init(_ index: Int, _ gpu: GPUReading, _ rates: GPURates?) {
        self.init(
            index: index, name: gpu.name, uuid: gpu.uuid, busyPercent: gpu.busyPercent ?? rates?.busyPercent,
            memoryTotal: gpu.memoryTotal.map { Int(clamping: $0) },
            memoryUsed: gpu.memoryUsed.map { Int(clamping: $0) }, memoryUsedPercent: gpu.memoryUsedPercent,
            temperatureCelsius: gpu.celsius, powerWatts: gpu.watts ?? rates?.watts, clockMHz: gpu.megahertz)
        vendor = gpu.vendor.rawValue
        powerLimitWatts = gpu.wattsLimit
        processes = gpu.processes?.prefix(Self.maximumProcesses).map {
            GPUProcessSample(pid: $0.pid, memory: $0.memory.map { Int(clamping: $0) })
        }
        problem = gpu.problem
    }
}
