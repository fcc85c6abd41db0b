import Glibc

/// Reads `/proc/diskstats`: devices that were ever used, without partitions. Belongs to one thread.
package final class DiskProbe {
    private let diskstats: KernelFile
    private let root: String
    private let hasSystemBlock: Bool
    /// What each name is; nil is a partition. Emptied at 4,096 names, so that passing devices cannot fill it.
    private var kinds: [String: DiskCounters.Kind?] = [:]

    package init(root: String = "") {
        diskstats = KernelFile(root: root, "/proc/diskstats")
        self.root = root
        hasSystemBlock = access(root + "/sys/block", R_OK) == 0
    }

    package func read(_ buffer: ReadBuffer) throws(ProbeError) -> [DiskCounters] {
        try diskstats.read(buffer) { bytes throws(ProbeError) in
            var cursor = ByteCursor(bytes)
            var devices: [DiskCounters] = []
            while var line = cursor.line() {
                guard var device = DiskCounters(&line), device.isUsed, let kind = kind(of: device.name) else {
                    continue
                }
                device.kind = kind
                devices.append(device)
            }
            return devices
        }
    }

    private func kind(of name: String) -> DiskCounters.Kind? {
        if let known = kinds[name] { return known }
        let kind = DeviceName.isPath(name) ? nil : hasSystemBlock ? kindFromSystem(name) : DeviceName.kind(of: name)
        if kinds.count >= 4096 { kinds.removeAll() }
        kinds[name] = kind
        return kind
    }

    /// `/sys/block` lists whole devices only, with what they are made of under `slaves`; a `/` in a name is a `!`.
    private func kindFromSystem(_ name: String) -> DiskCounters.Kind? {
        let folder = root + "/sys/block/" + String(name.map { $0 == "/" ? "!" : $0 })
        guard access(folder, F_OK) == 0 else { return nil }
        if DeviceName.kind(of: name) == .stacked { return .stacked }
        return Self.hasEntries(folder + "/slaves") ? .stacked : .whole
    }

    private static func hasEntries(_ folder: String) -> Bool {
        guard let directory = opendir(folder) else { return false }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let isDot = withUnsafeBytes(of: entry.pointee.d_name) { $0[0] == UInt8(ascii: ".") }
            if !isDot { return true }
        }
        return false
    }
}
