import Glibc

/// What a host did between two readings; a part that one of them lacks is nil.
package struct HostRates: Sendable {
    package var elapsed: Duration
    package var cpu: CPUUsage?
    package var cores: [CoreUsage]?
    package var disks: [NamedDiskRates]?
    /// Of whole devices, so that nothing counts twice.
    package var disk: DiskRates?
    package var interfaces: [NamedInterfaceRates]?
    /// Of `NetworkReading.countedKind`.
    package var network: InterfaceRates?
    package var virtualMemory: VirtualMemoryRates?
    package var tcp: TCPRates?
    package var controlGroup: ControlGroupRates?
    package var gpus: [GPURates] = []

    /// Nil when no time passed.
    package static func between(
        _ previous: HostReading, _ current: HostReading, ticksPerSecond: UInt64
    ) -> HostRates? {
        let elapsed = current.at - previous.at
        let seconds = elapsed / .seconds(1)
        guard seconds > 0 else { return nil }
        var rates = HostRates(elapsed: elapsed)
        if let old = previous.cpu, let new = current.cpu {
            rates.cpu = .between(old.total, new.total, ticksPerSecond: ticksPerSecond)
            rates.cores = CoreUsage.between(old, new, ticksPerSecond: ticksPerSecond)
        }
        if let old = previous.disks, let new = current.disks {
            let disks = NamedDiskRates.between(old, new, seconds: seconds)
            rates.disks = disks
            for disk in disks where disk.kind == .whole {
                guard let part = disk.rates else { continue }
                if rates.disk == nil { rates.disk = part } else { rates.disk?.add(part) }
            }
        }
        if let old = previous.network, let new = current.network {
            let interfaces = NamedInterfaceRates.between(old.interfaces, new.interfaces, seconds: seconds)
            rates.interfaces = interfaces
            for interface in interfaces where interface.kind == new.countedKind {
                guard let part = interface.rates else { continue }
                if rates.network == nil { rates.network = part } else { rates.network?.add(part) }
            }
        }
        if let old = previous.virtualMemory, let new = current.virtualMemory {
            rates.virtualMemory = .between(old, new, seconds: seconds, pageSize: Double(sysconf(Int32(_SC_PAGESIZE))))
        }
        if let old = previous.tcp, let new = current.tcp { rates.tcp = .between(old, new, seconds: seconds) }
        rates.gpus = GPURates.between(previous.gpus, current.gpus, seconds: seconds)
        rates.controlGroup = controlGroup(previous.controlGroup, current.controlGroup, seconds: seconds)
        return rates
    }

    /// Nil if the process was moved to another group.
    private static func controlGroup(
        _ previous: ControlGroupReading?, _ current: ControlGroupReading?, seconds: Double
    ) -> ControlGroupRates? {
        guard let previous, let current, previous.path == current.path, let old = previous.processor,
            let new = current.processor
        else { return nil }
        return .between(old, new, seconds: seconds)
    }
}
