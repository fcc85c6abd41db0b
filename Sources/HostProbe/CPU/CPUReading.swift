/// `/proc/stat` at one moment.
package struct CPUReading: Sendable, Hashable {
    /// One processor that is online.
    package struct Core: Sendable, Hashable {
        package var id: Int
        package var times: CPUTimes

        package init(id: Int, times: CPUTimes) {
            self.id = id
            self.times = times
        }
    }

    package var total: CPUTimes
    /// By id, ascending; ids have gaps where processors are offline.
    package var cores: [Core]
    /// Tasks that run or could run, and tasks that wait for I/O.
    package var runningTasks: Int?
    package var blockedTasks: Int?

    package init(total: CPUTimes, cores: [Core] = [], runningTasks: Int? = nil, blockedTasks: Int? = nil) {
        self.total = total
        self.cores = cores
        self.runningTasks = runningTasks
        self.blockedTasks = blockedTasks
    }

    /// Reads `/proc/stat`; malformed lines are ignored. Nil without a line for all processors together.
    /// - Parameter expectedCores: how many there were last time, to reserve memory once.
    init?(stat bytes: UnsafeRawBufferPointer, expectedCores: Int) {
        var cursor = ByteCursor(bytes)
        var isTotalKnown = false
        self.init(total: CPUTimes())
        cores.reserveCapacity(expectedCores)
        while var line = cursor.line() {
            if line.skip("cpu") {
                if line.starts(with: " ") {
                    guard !isTotalKnown, let times = CPUTimes(fields: &line) else { continue }
                    total = times
                    isTotalKnown = true
                } else if let id = line.digits(), line.starts(with: " "), let times = CPUTimes(fields: &line) {
                    add(Core(id: Int(clamping: id), times: times))
                }
            } else if line.skip("procs_running ") {
                runningTasks = line.integer().map { Int(clamping: $0) }
            } else if line.skip("procs_blocked ") {
                blockedTasks = line.integer().map { Int(clamping: $0) }
            }
        }
        if !isTotalKnown { return nil }
    }

    /// The processors that are online.
    package var online: CPUList { CPUList(cores.lazy.map(\.id)) }

    /// Keeps the cores ascending; a second line for one core is ignored.
    private mutating func add(_ core: Core) {
        guard let last = cores.last, last.id >= core.id else {
            cores.append(core)
            return
        }
        let place = cores.firstIndex { $0.id >= core.id } ?? cores.endIndex
        if place == cores.endIndex || cores[place].id != core.id { cores.insert(core, at: place) }
    }
}
