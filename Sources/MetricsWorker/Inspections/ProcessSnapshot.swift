import Contracts
import HostProbe
import Runtime

/// A reading of the processes with what turns it into rows.
struct ProcessSnapshot: Sendable {
    let reading: ProcessReading
    /// Processor time by process, for the next one.
    let processorTicks: [ProcessIdentity: UInt64]
    /// The reading before.
    private let earlier: [ProcessIdentity: UInt64]?
    private let elapsed: Duration
    /// Seconds since 1970.
    private let bootTime: UInt64?
    /// Bytes.
    private let totalMemory: UInt64?

    init(reading: ProcessReading, since earlier: ProcessSnapshot?, bootTime: UInt64?, totalMemory: UInt64?) {
        self.reading = reading
        processorTicks = reading.processorTicks
        self.earlier = earlier?.processorTicks
        elapsed = earlier.map { reading.at - $0.at } ?? .zero
        self.bootTime = bootTime
        self.totalMemory = totalMemory
    }

    /// When it was taken, by CLOCK_MONOTONIC.
    var at: Duration { reading.at }

    /// Whether there is a reading before it.
    var hasShares: Bool { earlier != nil }

    func cpuPercent(of process: ProcessStat, _ table: ProcessTable) -> Double? {
        earlier.flatMap {
            process.processorPercent(since: $0, elapsed: elapsed, ticksPerSecond: table.ticksPerSecond)
        }
    }

    func residentBytes(of process: ProcessStat, _ table: ProcessTable) -> UInt64 {
        process.residentPages.multipliedReportingOverflow(by: table.pageBytes).partialValue
    }

    func info(
        of process: ProcessStat, cpuPercent: Double?, details: ProcessDetails, _ table: ProcessTable
    ) -> ProcessInfo {
        let resident = Double(residentBytes(of: process, table))
        return ProcessInfo(
            pid: Int(process.identity.pid), name: process.name, status: process.state?.rawValue,
            cpuPercent: cpuPercent.map(Self.rounded), memoryMiB: Self.rounded(resident / 1_048_576),
            memoryPercent: totalMemory.flatMap { $0 > 0 ? Self.rounded(min(resident / Double($0), 1) * 100) : nil },
            threads: process.threads, createdAt: createdAt(process, table), commandLine: details.commandLine,
            parentPID: Int(process.parent))
    }

    private func createdAt(_ process: ProcessStat, _ table: ProcessTable) -> Timestamp? {
        guard let bootTime = bootTime.flatMap(Int64.init(exactly:)) else { return nil }
        // In 128 bits nothing overflows, whatever the file says.
        let micros = Int128(process.identity.startTicks) * 1_000_000 / Int128(table.ticksPerSecond)
        return Int64(exactly: Int128(bootTime) * 1_000_000 + micros).map(Timestamp.init(microseconds:))
    }

    private static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
