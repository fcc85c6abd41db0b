/// Counts the cores that the processors belong to, by their siblings in sysfs (kernel documentation,
/// admin-guide/cputopology), or by `/proc/cpuinfo`. Belongs to one thread.
package final class CPUTopologyProbe {
    private let root: String
    private var online: CPUList?
    private var cores: Int?

    package init(root: String = "") { self.root = root }

    /// Cores with a processor that is online; nil where the kernel does not say. Read again when others are online.
    package func physicalCores(_ buffer: ReadBuffer, online: CPUList) -> Int? {
        guard online != self.online else { return cores }
        self.online = online
        cores = countSiblings(buffer, online) ?? countInformation(buffer)
        return cores
    }

    private func countSiblings(_ buffer: ReadBuffer, _ online: CPUList) -> Int? {
        var lists: Set<String> = []
        for processor in online.numbers {
            let folder = "/sys/devices/system/cpu/cpu\(processor)/topology"
            // The older name, which every kernel has.
            guard let list = KernelFile(root: root, folder + "/thread_siblings_list").text(buffer) else { return nil }
            lists.insert(list)
        }
        return lists.isEmpty ? nil : lists.count
    }

    private func countInformation(_ buffer: ReadBuffer) -> Int? {
        let file = KernelFile(root: root, "/proc/cpuinfo")
        let cores = try? file.read(buffer) { bytes throws(ProbeError) in CPUInformation(bytes).physicalCores }
        return cores ?? nil
    }
}
