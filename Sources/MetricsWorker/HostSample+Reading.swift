import Contracts
import HostProbe
import Runtime

/// The message made of a reading: what is unknown there is nil here.
extension HostSample {
    /// Disks, file systems and interfaces of one sample, each; a host with more reports the first ones.
    static let maximumEntries = 64

    init(
        host: String, timestamp: Timestamp, interval: Duration, reading: HostReading, rates: HostRates?
    ) {
        self.init(
            host: host, timestamp: timestamp, interval: interval / .seconds(1), uptime: reading.uptime,
            cpu: CPUSample(reading, rates), memory: MemorySample(reading, rates),
            fileSystems: (reading.fileSystems ?? []).prefix(Self.maximumEntries).map { FileSystemSample($0) },
            disks: DiskSample.samples(reading, rates), network: NetworkSample(reading, rates),
            gpus: reading.gpus.prefix(Self.maximumEntries).enumerated().map { index, gpu in
                GPUSample(index, gpu, rates?.gpus.first { $0.id == gpu.id })
            }, gpuReason: reading.gpuReason)
        pressure = PressureSample(
            cpu: reading.cpuPressure, memory: reading.memoryPressure, io: reading.ioPressure)
        // For a whole host it is not defined, and kernels say 0 (kernel documentation, accounting/psi).
        pressure?.cpuFull = nil
        controlGroup = reading.controlGroup.map { ControlGroupSample($0, reading, rates) }
        temperatures = reading.temperatures.prefix(Self.maximumEntries).map {
            TemperatureSample(sensor: $0.sensor, label: $0.label, celsius: $0.celsius)
        }
        containers = reading.containers?.prefix(Self.maximumEntries).map { ContainerSample($0, at: reading.at) }
        containerCount = reading.containerCount
        openFiles = reading.openFiles.map { Int(clamping: $0.used) }
        maximumOpenFiles = reading.openFiles.map { Int(clamping: $0.maximum) }
    }
}

extension CPUSample {
    fileprivate init(_ reading: HostReading, _ rates: HostRates?) {
        let cores = reading.cpu?.cores ?? []
        self.init(
            busyPercent: rates?.cpu?.busy,
            coreBusyPercent: rates?.cores?.map(\.usage?.busy) ?? Array(repeating: nil, count: cores.count),
            ioWaitPercent: rates?.cpu?.iowait, stealPercent: rates?.cpu?.steal,
            logicalCores: cores.isEmpty ? nil : cores.count, physicalCores: reading.physicalCores,
            frequencyMHz: reading.frequencyMHz, load1: reading.load?.oneMinute, load5: reading.load?.fiveMinutes,
            load15: reading.load?.fifteenMinutes,
            pressurePercent: reading.cpuPressure?.some.average10)
        temperatureCelsius = reading.processorTemperature
        onlineCores = cores.isEmpty ? nil : reading.cpu?.online.text
        coreTimes = rates?.cores.map(CoreTimesSample.init)
        limitCores = reading.controlGroup?.processor?.limit
        userPercent = rates?.cpu?.user
        nicePercent = rates?.cpu?.nice
        systemPercent = rates?.cpu?.system
        idlePercent = rates?.cpu?.idle
        irqPercent = rates?.cpu?.irq
        softIRQPercent = rates?.cpu?.softirq
        guestPercent = rates?.cpu?.guest
    }
}

extension MemorySample {
    fileprivate init(_ reading: HostReading, _ rates: HostRates?) {
        let memory = reading.memory
        self.init(
            total: memory.map { Int(clamping: $0.total) }, available: memory.map { Int(clamping: $0.available) },
            used: memory.map { Int(clamping: $0.used) }, free: memory.map { Int(clamping: $0.free) },
            buffers: memory?.buffers.map { Int(clamping: $0) }, cached: memory?.cached.map { Int(clamping: $0) },
            usedPercent: memory?.usedPercent, swapTotal: memory?.swapTotal.map { Int(clamping: $0) },
            swapUsed: memory?.swapUsed.map { Int(clamping: $0) }, swapUsedPercent: memory?.swapUsedPercent,
            pressurePercent: reading.memoryPressure?.some.average10)
        if let group = reading.controlGroup?.memory, let bytes = group.limit {
            limit = Int(clamping: bytes)
            limitUsed = group.workingSet.map { Int(clamping: $0) }
        }
        oomKills = reading.virtualMemory?.oomKills.map { Int(clamping: $0) }
        guard let rates = rates?.virtualMemory else { return }
        pagedInBytesPerSecond = rates.pagedInBytesPerSecond
        pagedOutBytesPerSecond = rates.pagedOutBytesPerSecond
        swappedInBytesPerSecond = rates.swappedInBytesPerSecond
        swappedOutBytesPerSecond = rates.swappedOutBytesPerSecond
        majorFaultsPerSecond = rates.majorFaultsPerSecond
        oomKillsPerSecond = rates.oomKillsPerSecond
    }
}

extension FileSystemSample {
    fileprivate init(_ usage: FileSystemUsage) {
        let space = usage.space
        self.init(
            mountPoint: usage.mount.path, device: usage.mount.source, type: usage.mount.type,
            total: space.map { Int(clamping: $0.total) }, used: space.map { Int(clamping: $0.used) },
            available: space.map { Int(clamping: $0.available) }, usedPercent: space?.usedPercent,
            inodesUsedPercent: space?.inodesUsedPercent)
    }
}

extension DiskSample {
    /// Whole devices only, so that a sum over them counts nothing twice.
    fileprivate static func samples(_ reading: HostReading, _ rates: HostRates?) -> [DiskSample] {
        let whole = (reading.disks ?? []).filter { $0.kind == .whole }
        return whole.prefix(HostSample.maximumEntries).map { disk in
            let rates = rates?.disks?.first { $0.name == disk.name }?.rates
            return DiskSample(
                device: disk.name, readBytes: bytes(disk.readSectors), writtenBytes: bytes(disk.writtenSectors),
                readBytesPerSecond: rates?.readBytesPerSecond, writtenBytesPerSecond: rates?.writtenBytesPerSecond,
                readsPerSecond: rates?.readsPerSecond, writesPerSecond: rates?.writesPerSecond,
                busyPercent: rates?.utilizationPercent, readLatencyMilliseconds: rates?.readLatencyMilliseconds,
                writeLatencyMilliseconds: rates?.writeLatencyMilliseconds, queueLength: rates?.queueLength)
        }
    }

    private static func bytes(_ sectors: UInt64) -> Int? {
        let (bytes, isTooLarge) = sectors.multipliedReportingOverflow(by: DiskCounters.bytesPerSector)
        return isTooLarge ? nil : Int(exactly: bytes)
    }
}

extension NetworkSample {
    /// Hardware first, should there be too many interfaces.
    fileprivate init(_ reading: HostReading, _ rates: HostRates?) {
        let tcp = reading.tcp.map { TCPSample($0, reading.sockets, rates?.tcp) }
        guard let network = reading.network else {
            self.init(tcp: tcp)
            return
        }
        let hardware = network.interfaces.filter { $0.kind == .hardware }
        let others = network.interfaces.filter { $0.kind != .hardware }
        let shown = (hardware + others).prefix(HostSample.maximumEntries)
        self.init(
            receivedBytes: Int(clamping: network.receivedBytes), sentBytes: Int(clamping: network.sentBytes),
            receivedBytesPerSecond: rates?.network?.receivedBytesPerSecond,
            sentBytesPerSecond: rates?.network?.sentBytesPerSecond,
            interfaces: shown.map { interface in
                NetworkInterfaceSample(interface, rates?.interfaces?.first { $0.name == interface.name }?.rates)
            }, tcp: tcp)
    }
}

extension NetworkInterfaceSample {
    fileprivate init(_ interface: InterfaceCounters, _ rates: InterfaceRates?) {
        self.init(
            name: interface.name, receivedBytes: Int(clamping: interface.receivedBytes),
            sentBytes: Int(clamping: interface.sentBytes), receivedBytesPerSecond: rates?.receivedBytesPerSecond,
            sentBytesPerSecond: rates?.sentBytesPerSecond, errorsPerSecond: rates?.errorsPerSecond,
            dropsPerSecond: rates?.dropsPerSecond)
    }
}
