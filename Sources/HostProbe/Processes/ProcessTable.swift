import Glibc

/// The processes of a host at one moment.
package struct ProcessReading: Sendable {
    /// CLOCK_MONOTONIC.
    package var at: Duration
    /// In the order of `/proc`: by number.
    package var processes: [ProcessStat]
    /// Processes whose `stat` may not be read (`hidepid`), or is malformed.
    package var unreadable: Int
    /// Whether there were more than `ProcessTable.limit`.
    package var isCut: Bool

    package init(at: Duration, processes: [ProcessStat] = [], unreadable: Int = 0, isCut: Bool = false) {
        self.at = at
        self.processes = processes
        self.unreadable = unreadable
        self.isCut = isCut
    }

    /// Processor time by process, for the next reading's rates.
    package var processorTicks: [ProcessIdentity: UInt64] {
        Dictionary(processes.map { ($0.identity, $0.processorTicks) }) { first, _ in first }
    }
}

/// Reads the processes of a host. Belongs to one thread.
///
/// One pass over `/proc` reads `stat` of each; the other files are read of those processes that somebody asks about.
/// A process that ends meanwhile is left out.
package final class ProcessTable {
    /// Processes of a reading, at most.
    package static let limit = 32_768
    /// Of a command line; the rest is cut.
    package static let commandLineBytes = 4096

    package let ticksPerSecond: UInt64
    package let pageBytes: UInt64
    private let folder: ProcessFolder
    private let users: UserNames
    private let monotonic: () -> Duration
    private let limit: Int
    private var count = 256

    /// - Parameters:
    ///   - root: the folder that stands for `/`: a host's root inside a container, or a test's.
    ///   - monotonic: CLOCK_MONOTONIC, or a test's clock.
    package convenience init(root: String = "/", monotonic: @escaping () -> Duration = HostSampler.monotonicClock) {
        self.init(root: root, monotonic: monotonic, limit: Self.limit, users: UserNames())
    }

    init(root: String, monotonic: @escaping () -> Duration, limit: Int, users: UserNames) {
        folder = ProcessFolder(root: HostSampler.prefix(root), bufferBytes: Self.commandLineBytes)
        self.users = users
        self.monotonic = monotonic
        self.limit = limit
        ticksPerSecond = UInt64(max(sysconf(Int32(_SC_CLK_TCK)), 1))
        pageBytes = UInt64(max(sysconf(Int32(_SC_PAGESIZE)), 1))
    }

    /// The clock of the readings.
    package var now: Duration { monotonic() }

    /// Reads every process.
    /// - Throws: When `/proc` cannot be listed.
    package func read() throws(ProbeError) -> ProcessReading {
        var reading = ProcessReading(at: monotonic())
        reading.processes.reserveCapacity(count)
        reading.isCut = try folder.eachStat(limit: limit, parse: ProcessStat.init) { _, contents in
            switch contents {
            case .value(let stat?): reading.processes.append(stat)
            case .value(nil), .unreadable: reading.unreadable += 1
            case .gone: break
            }
        }
        count = reading.processes.count + 16
        return reading
    }

    /// More about one process; nil when it has ended, also when its number is another process's by now.
    ///
    /// Whose files they are is asked last: a process that was there before and is there after them was there meanwhile.
    /// - Throws: When `/proc` cannot be opened.
    package func details(
        of process: ProcessIdentity, _ parts: ProcessDetails.Parts
    ) throws(ProbeError) -> ProcessDetails? {
        let pid = process.pid
        var details = ProcessDetails()
        if parts.contains(.commandLine) {
            details.commandLine = value(try folder.read("/cmdline", of: pid, ProcessFiles.commandLine))
        }
        if parts.contains(.user) {
            details.user = value(try folder.read("/status", of: pid, ProcessFiles.user)).map(users.name)
        }
        if parts.contains(.transfers) {
            details.transfers = value(try folder.read("/io", of: pid, ProcessFiles.transfers))
        }
        if parts.contains(.openFiles) { details.openFiles = try folder.count("/fd", of: pid) }
        guard case .value(let stat?) = try folder.stat(of: pid, ProcessStat.init), stat.identity == process
        else { return nil }
        return details
    }

    private func value<Value>(_ contents: ProcessFolder.Contents<Value?>) -> Value? {
        if case .value(let value) = contents { value } else { nil }
    }
}

extension ProcessStat {
    /// The share of one processor that it used since an earlier reading, in percent: several threads come to more than
    /// 100. Nil for a process that was not there then.
    ///
    /// - Parameters:
    ///   - earlier: `ProcessReading.processorTicks` of that reading.
    ///   - elapsed: since then.
    package func processorPercent(
        since earlier: [ProcessIdentity: UInt64], elapsed: Duration, ticksPerSecond: UInt64
    ) -> Double? {
        guard elapsed > .zero, ticksPerSecond > 0, let before = earlier[identity] else { return nil }
        // Times of threads that ended are added with a delay, so the sum may fall.
        let ticks = processorTicks > before ? processorTicks - before : 0
        return Double(ticks) / Double(ticksPerSecond) / (elapsed / .seconds(1)) * 100
    }
}
