/// `/proc/loadavg` (proc(5)).
package struct LoadAverage: Sendable, Hashable {
    /// Tasks that run, could run or wait for the disk, averaged over 1, 5 and 15 minutes.
    package var oneMinute: Double
    package var fiveMinutes: Double
    package var fifteenMinutes: Double
    /// Tasks, which are processes and threads, that could run now; and all that exist.
    package var runnableTasks: Int?
    package var tasks: Int?

    package init(
        oneMinute: Double, fiveMinutes: Double, fifteenMinutes: Double, runnableTasks: Int? = nil, tasks: Int? = nil
    ) {
        self.oneMinute = oneMinute
        self.fiveMinutes = fiveMinutes
        self.fifteenMinutes = fifteenMinutes
        self.runnableTasks = runnableTasks
        self.tasks = tasks
    }

    init?(_ bytes: UnsafeRawBufferPointer) {
        var cursor = ByteCursor(bytes)
        guard var line = cursor.line(), let one = line.decimal(), let five = line.decimal(),
            let fifteen = line.decimal()
        else { return nil }
        self.init(oneMinute: one, fiveMinutes: five, fifteenMinutes: fifteen)
        guard var counts = line.word(), let runnable = counts.digits(), counts.skip("/"), let tasks = counts.integer()
        else { return }
        runnableTasks = Int(clamping: runnable)
        self.tasks = Int(clamping: tasks)
    }
}

/// Reads `/proc/loadavg`. Belongs to one thread.
package final class LoadProbe {
    private let file: KernelFile

    package init(root: String = "") { file = KernelFile(root: root, "/proc/loadavg") }

    package func read(_ buffer: ReadBuffer) throws(ProbeError) -> LoadAverage {
        try file.read(buffer) { bytes throws(ProbeError) in
            guard let load = LoadAverage(bytes) else { throw ProbeError(.malformed, source: file.source) }
            return load
        }
    }
}
