/// The memory controller's files of a control group and its parents. Belongs to one thread.
final class ControlGroupMemoryFiles {
    private struct Level {
        var limit: KernelFile
        var usage: KernelFile
        var statistics: KernelFile
    }

    private let levels: [Level]
    private let version: ControlGroupReading.Version

    /// - Parameter version: `v1` or `v2`.
    init(root: String, lineage: [String], version: ControlGroupReading.Version) {
        self.version = version
        let isFirst = version == .v1
        levels = lineage.map { folder in
            Level(
                limit: KernelFile(root: root, folder + (isFirst ? "/memory.limit_in_bytes" : "/memory.max")),
                usage: KernelFile(root: root, folder + (isFirst ? "/memory.usage_in_bytes" : "/memory.current")),
                statistics: KernelFile(root: root, folder + "/memory.stat"))
        }
    }

    /// Nil where the group has no such files: the root of version 2.
    func read(_ buffer: ReadBuffer) -> ControlGroupMemory? {
        var limit: UInt64?
        var place = 0
        for (index, level) in levels.enumerated() {
            guard let bytes = Self.limit(level.limit, buffer), bytes < limit ?? .max else { continue }
            limit = bytes
            place = index
        }
        guard place < levels.count else { return nil }
        let usage = levels[place].usage.integer(buffer)
        let (inactive, inherited) = statistics(levels[place].statistics, buffer)
        // Inside a container the parents that limit it cannot be seen, but their limit can.
        if let inherited, inherited < limit ?? .max { limit = inherited }
        if limit == nil, usage == nil { return nil }
        var workingSet: UInt64?
        if let usage, let inactive { workingSet = usage - min(inactive, usage) }
        return ControlGroupMemory(limit: limit, usage: usage, workingSet: workingSet)
    }

    /// Nil for `max` and for what version 1 says without a limit, 2^63 less a page.
    private static func limit(_ file: KernelFile, _ buffer: ReadBuffer) -> UInt64? {
        file.integer(buffer).flatMap { $0 < 1 << 62 ? $0 : nil }
    }

    /// The inactive file pages of the group and everything below it, and on version 1 the limit of all its parents.
    private func statistics(_ file: KernelFile, _ buffer: ReadBuffer) -> (inactive: UInt64?, limit: UInt64?) {
        let values = try? file.read(buffer) { bytes throws(ProbeError) in
            var cursor = ByteCursor(bytes)
            var inactive: UInt64?
            var limit: UInt64?
            while var line = cursor.line() {
                if line.skip(version == .v1 ? "total_inactive_file " : "inactive_file ") {
                    inactive = line.integer()
                } else if version == .v1, line.skip("hierarchical_memory_limit ") {
                    limit = line.integer().flatMap { $0 < 1 << 62 ? $0 : nil }
                }
            }
            return (inactive: inactive, limit: limit)
        }
        return values ?? (nil, nil)
    }
}
