/// What the kernel said about a host at one moment; a part that could not be read is nil and `problems` says why.
package struct HostReading: Sendable {
    /// CLOCK_MONOTONIC: steps of the wall clock do not touch it, and it stands still while the host is suspended, as
    /// the counters do.
    package var at: Duration
    package var cpu: CPUReading?
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

    /// The processors that this process can keep busy: those online, or what its control group allows if that is less.
    package var effectiveCores: Double? {
        guard let cpu, !cpu.cores.isEmpty else { return controlGroup?.processor?.limit }
        let online = Double(cpu.cores.count)
        return min(online, controlGroup?.processor?.limit ?? online)
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
