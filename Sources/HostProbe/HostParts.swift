/// The parts of a reading that can be left out of it.
package struct HostParts: OptionSet, Sendable, Hashable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let cpu = HostParts(rawValue: 1 << 0)
    package static let memory = HostParts(rawValue: 1 << 1)
    package static let disks = HostParts(rawValue: 1 << 2)
    package static let fileSystems = HostParts(rawValue: 1 << 3)
    package static let network = HostParts(rawValue: 1 << 4)
    package static let gpus = HostParts(rawValue: 1 << 5)
    package static let temperatures = HostParts(rawValue: 1 << 6)
    package static let pressure = HostParts(rawValue: 1 << 7)
    package static let controlGroup = HostParts(rawValue: 1 << 8)
    package static let containers = HostParts(rawValue: 1 << 9)

    package static let all = HostParts(rawValue: (1 << count) - 1)

    static let count = 10
}

extension HostReading {
    /// Takes over parts that were not read this time.
    mutating func keep(_ parts: HostParts, of last: HostReading) {
        if parts.contains(.cpu) {
            (cpu, load) = (last.cpu, last.load)
            (frequencyMHz, physicalCores) = (last.frequencyMHz, last.physicalCores)
        }
        if parts.contains(.memory) { (memory, virtualMemory) = (last.memory, last.virtualMemory) }
        if parts.contains(.disks) { disks = last.disks }
        if parts.contains(.fileSystems) { fileSystems = last.fileSystems }
        if parts.contains(.network) { (network, tcp, sockets) = (last.network, last.tcp, last.sockets) }
        if parts.contains(.gpus) { (gpus, gpuReason) = (last.gpus, last.gpuReason) }
        if parts.contains(.temperatures) { temperatures = last.temperatures }
        if parts.contains(.pressure) {
            (cpuPressure, memoryPressure, ioPressure) = (last.cpuPressure, last.memoryPressure, last.ioPressure)
        }
        if parts.contains(.controlGroup) { controlGroup = last.controlGroup }
        if parts.contains(.containers) { (containers, containerCount) = (last.containers, last.containerCount) }
    }
}

extension HostRates {
    /// Takes over the rates of some parts.
    mutating func take(_ parts: HostParts, from other: HostRates) {
        if parts.contains(.cpu) { (cpu, cores) = (other.cpu, other.cores) }
        if parts.contains(.memory) { virtualMemory = other.virtualMemory }
        if parts.contains(.disks) { (disks, disk) = (other.disks, other.disk) }
        if parts.contains(.network) { (interfaces, network, tcp) = (other.interfaces, other.network, other.tcp) }
        if parts.contains(.gpus) { gpus = other.gpus }
        if parts.contains(.controlGroup) { controlGroup = other.controlGroup }
    }
}
