/// What the kernel said about a host at one moment; a part that could not be read is nil and `problems` says why.
package struct HostReading: Sendable {
    /// CLOCK_MONOTONIC: steps of the wall clock do not touch it, and it stands still while the host is suspended, as
    /// the counters do.
    package var at: Duration
    package var cpu: CPUReading?
    /// The mean of the processors, read each 10 s or less often.
    package var frequencyMHz: Double?
    package var physicalCores: Int?
    package var load: LoadAverage?
    package var memory: MemoryReading?
    package var cpuPressure: Pressure?
    package var memoryPressure: Pressure?
    package var ioPressure: Pressure?
    package var virtualMemory: VirtualMemoryCounters?
    /// Seconds since boot.
    package var uptime: Double?
    package var disks: [DiskCounters]?
    package var fileSystems: [FileSystemUsage]?
    package var network: NetworkReading?
    package var tcp: TCPCounters?
    package var sockets: SocketCounts?
    package var openFiles: OpenFiles?
    /// Nil without control groups.
    package var controlGroup: ControlGroupReading?
    /// Nil without control groups.
    package var containers: [ContainerReading]?
    /// How many there are: more than `containers` where there are too many.
    package var containerCount: Int?
    /// Of every sensor; empty on a machine without.
    package var temperatures: [Temperature] = []
    package var gpus: [GPUReading] = []
    /// Why `gpus` is empty.
    package var gpuReason: String?
    /// Why parts are nil, one for each, and one for each file system without its space.
    package var problems: [ProbeError]

    package init(at: Duration) {
        self.at = at
        problems = []
    }

    /// The file system of `/`, or the first one where `/` is none of storage.
    package var rootFileSystem: FileSystemUsage? {
        fileSystems?.first { $0.mount.path == "/" } ?? fileSystems?.first
    }

    /// The hottest of the processors' sensors, in °C.
    package var processorTemperature: Double? {
        temperatures.filter(\.isProcessor).compactMap(\.celsius).max()
    }

    /// The processors that this process can keep busy: those online that its control group names, or the share of them
    /// that it allows if that is less.
    package var effectiveCores: Double? {
        let limit = controlGroup?.processor?.limit
        guard let cpu, !cpu.cores.isEmpty else {
            return [limit, controlGroup?.cpuset.map { Double($0.count) }].compactMap(\.self).min()
        }
        var usable = cpu.cores.count
        // A set without a processor that is online is one that was just changed.
        if let named = controlGroup?.cpuset?.count(alsoIn: cpu.online), named > 0 { usable = named }
        return min(Double(usable), limit ?? .infinity)
    }

    /// The memory that this process can use, and what of it is used: the host's, or its control group's with the
    /// working set where that has a limit below the host's memory. In bytes.
    package var effectiveMemory: (total: UInt64, used: UInt64?)? {
        if let group = controlGroup?.memory, let limit = group.limit, limit < memory?.total ?? .max {
            return (limit, group.workingSet)
        }
        return memory.map { ($0.total, $0.used) }
    }
}
