import Glibc

/// Reads the limits and the usage of this process's control group, of version 1, 2 or both. Belongs to one thread.
package final class ControlGroupProbe {
    /// Readings after which the group is looked for again: a process can be moved, and a hierarchy mounted.
    private static let readingsPerSearch = 60

    /// Open files of one place.
    private struct Files {
        var memory: ControlGroupMemoryFiles?
        var processor: ControlGroupProcessorFiles?
        var cpuset: KernelFile?
        var cpuPressure: PressureProbe?
        var memoryPressure: PressureProbe?
        var ioPressure: PressureProbe?
    }

    private let root: String
    private let membership: KernelFile
    private let mountinfo: KernelFile
    private var places: ControlGroupPlaces?
    private var files = Files()
    private var readings = 0

    package init(root: String = "") {
        self.root = root
        membership = KernelFile(root: root, "/proc/self/cgroup", hasLongRecords: true)
        mountinfo = KernelFile(root: root, "/proc/self/mountinfo", hasLongRecords: true)
    }

    /// Nil where no control groups are mounted.
    package func read(_ buffer: ReadBuffer) throws(ProbeError) -> ControlGroupReading? {
        if readings % Self.readingsPerSearch == 0 {
            try search(buffer)
            readings = 0
        }
        readings += 1
        guard let places, let path = places.path else { return nil }
        let hasFirst = [places.memory, places.cpu, places.cpuAccounting, places.cpuset].contains { $0 != nil }
        var reading = ControlGroupReading(
            version: hasFirst ? (places.unified == nil ? .v1 : .hybrid) : .v2, path: path)
        reading.memory = files.memory?.read(buffer)
        reading.processor = files.processor?.read(buffer)
        reading.cpuset = files.cpuset?.value(buffer) { CPUList(&$0) }
        // Kernels without pressure information have no such files: unknown, as are those of the host then.
        reading.cpuPressure = try? files.cpuPressure?.read(buffer)
        reading.memoryPressure = try? files.memoryPressure?.read(buffer)
        reading.ioPressure = try? files.ioPressure?.read(buffer)
        return reading
    }

    private func search(_ buffer: ReadBuffer) throws(ProbeError) {
        let mounts = try mountinfo.read(buffer) { bytes throws(ProbeError) in ControlGroupMount.mounts(bytes) }
        let found = try membership.read(buffer) { bytes throws(ProbeError) in
            ControlGroupPlaces(membership: bytes, mounts: mounts) { access(root + $0, F_OK) == 0 }
        }
        guard found != places else { return }
        places = found
        files = Files()
        if let lineage = found.memory ?? found.unified {
            files.memory = ControlGroupMemoryFiles(
                root: root, lineage: lineage, version: found.memory == nil ? .v2 : .v1)
        }
        if found.cpu != nil || found.cpuAccounting != nil {
            files.processor = ControlGroupProcessorFiles(
                root: root, cpu: found.cpu ?? [], accounting: found.cpuAccounting ?? [])
        } else if let lineage = found.unified {
            files.processor = ControlGroupProcessorFiles(root: root, lineage: lineage)
        }
        files.cpuset = cpuset(found)
        if let folder = found.unified?.first {
            files.cpuPressure = PressureProbe(.cpu, root: root, controlGroup: folder)
            files.memoryPressure = PressureProbe(.memory, root: root, controlGroup: folder)
            files.ioPressure = PressureProbe(.io, root: root, controlGroup: folder)
        }
    }

    /// Version 2: of the group, or of the nearest parent that has the controller.
    private func cpuset(_ places: ControlGroupPlaces) -> KernelFile? {
        let names: [String]
        if let group = places.cpuset?.first {
            // Older kernels have what was asked for only, which may name processors that are offline.
            names = [group + "/cpuset.effective_cpus", group + "/cpuset.cpus"]
        } else {
            names = (places.unified ?? []).map { $0 + "/cpuset.cpus.effective" }
        }
        return names.first { access(root + $0, F_OK) == 0 }.map { KernelFile(root: root, $0) }
    }
}
