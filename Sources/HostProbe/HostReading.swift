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
    /// Seconds since boot.
    package var uptime: Double?
    package var disks: [DiskCounters]?
    package var fileSystems: [FileSystemUsage]?
    package var network: NetworkReading?
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
}
