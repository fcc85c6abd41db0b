/// The processor controller's files of a control group and its parents. Belongs to one thread.
final class ControlGroupProcessorFiles {
    private struct Level {
        /// Version 2: quota and period. Version 1: the quota, with the period in a file of its own.
        var quota: KernelFile?
        var period: KernelFile?
        var statistics: KernelFile?
        /// Version 1: nanoseconds; version 2 has it in the statistics.
        var usage: KernelFile?
    }

    private let levels: [Level]

    init(root: String, lineage: [String]) {
        levels = lineage.map { folder in
            Level(
                quota: KernelFile(root: root, folder + "/cpu.max"),
                statistics: KernelFile(root: root, folder + "/cpu.stat"))
        }
    }

    /// Version 1, whose accounting is a controller of its own that is often mounted with the other.
    init(root: String, cpu: [String], accounting: [String]) {
        let count = max(cpu.count, accounting.isEmpty ? 0 : 1)
        levels = (0..<count).map { index in
            let folder = index < cpu.count ? cpu[index] : nil
            let accounting = accounting.isEmpty ? nil : accounting[min(index, accounting.count - 1)]
            return Level(
                quota: folder.map { KernelFile(root: root, $0 + "/cpu.cfs_quota_us") },
                period: folder.map { KernelFile(root: root, $0 + "/cpu.cfs_period_us") },
                statistics: folder.map { KernelFile(root: root, $0 + "/cpu.stat") },
                usage: accounting.map { KernelFile(root: root, $0 + "/cpuacct.usage") })
        }
    }

    /// Nil where the group has no such files.
    func read(_ buffer: ReadBuffer) -> ControlGroupProcessor? {
        var limit: Double?
        var place = 0
        for (index, level) in levels.enumerated() {
            guard let cores = Self.limit(level, buffer), cores < limit ?? .infinity else { continue }
            limit = cores
            place = index
        }
        guard place < levels.count else { return nil }
        var processor = ControlGroupProcessor(limit: limit, usage: nil)
        if let file = levels[place].statistics { Self.readStatistics(file, buffer, into: &processor) }
        if let nanoseconds = levels[place].usage?.integer(buffer) { processor.usage = nanoseconds / 1000 }
        return limit == nil && processor.usage == nil && processor.periods == nil ? nil : processor
    }

    /// In processors; nil for `max`, for the quota −1 and for the root, which has none.
    private static func limit(_ level: Level, _ buffer: ReadBuffer) -> Double? {
        var quota: UInt64?
        var period: UInt64?
        if let file = level.period {
            quota = level.quota?.integer(buffer)
            if quota != nil { period = file.integer(buffer) }
        } else {
            (quota, period) =
                level.quota?.value(buffer) { line in
                    guard let quota = line.integer(), let period = line.integer() else { return nil }
                    return (quota, period)
                } ?? (nil, nil)
        }
        guard let quota, let period, quota > 0, period > 0 else { return nil }
        return Double(quota) / Double(period)
    }

    private static func readStatistics(
        _ file: KernelFile, _ buffer: ReadBuffer, into processor: inout ControlGroupProcessor
    ) {
        let values = try? file.read(buffer) { [processor] bytes throws(ProbeError) in
            var values = processor
            var cursor = ByteCursor(bytes)
            while var line = cursor.line() {
                if line.skip("usage_usec ") {
                    values.usage = line.integer()
                } else if line.skip("nr_periods ") {
                    values.periods = line.integer()
                } else if line.skip("nr_throttled ") {
                    values.throttledPeriods = line.integer()
                }
            }
            return values
        }
        if let values { processor = values }
    }
}
