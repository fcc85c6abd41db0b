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
        return rates
    }
}
