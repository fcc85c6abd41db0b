import Glibc
import HostProbe

/// Readings, and the processor time that this process took for them.
enum Readings {
    /// Between two that come at a pace: they find the caches as a process does that has something else to do as well.
    private static let pause: useconds_t = 50_000
    private static let perSecond = 20
    /// Rows of a list of processes by default.
    private static let rows = 50

    /// Whole samples of the host, without its processes: one after the other, and at that pace.
    static func sample(seconds: Int) throws -> String {
        let sampler = HostSampler()
        // Opens the files and learns what is read once.
        guard sampler.sample().reading.cpu != nil else { throw Failure("the processors cannot be read") }
        var count = 0
        let end = ContinuousClock.now + .seconds(seconds)
        let together = microseconds {
            while ContinuousClock.now < end {
                _ = sampler.sample()
                count += 1
            }
        }
        var apart = 0.0
        for _ in 0..<seconds * perSecond {
            usleep(pause)
            apart += microseconds { _ = sampler.sample() }
        }
        return """
            {"in_a_row_us": \(together / Double(count)), "apart_us": \(apart / Double(seconds * perSecond)), \
            "samples": \(count)}
            """
    }

    /// Every process with its share of a processor, and more about the first rows, as a list has them; and about all.
    static func processes(seconds: Int) throws -> String {
        let table = ProcessTable()
        var earlier = try table.read()
        var listed = 0.0
        var whole = 0.0
        var count = 0
        for turn in 0..<seconds * perSecond / 2 {
            usleep(pause)
            for isWhole in [turn % 2 == 0, turn % 2 != 0] {
                var shares: [Double] = []
                let taken = try microseconds {
                    let reading = try table.read()
                    let ticks = earlier.processorTicks
                    let elapsed = reading.at - earlier.at
                    for process in reading.processes {
                        let share = process.processorPercent(
                            since: ticks, elapsed: elapsed, ticksPerSecond: table.ticksPerSecond)
                        shares.append(share ?? 0)
                    }
                    for process in isWhole ? reading.processes[...] : reading.processes.prefix(rows) {
                        _ = try table.details(of: process.identity, .commandLine)
                    }
                    earlier = reading
                }
                if isWhole { whole += taken } else { listed += taken }
                if isWhole { count += shares.count }
            }
        }
        guard count > 0 else { throw Failure("there is no process") }
        let lists = seconds * perSecond / 2
        return """
            {"list_us": \(listed / Double(count)), "whole_us": \(whole / Double(count)), "lists": \(lists), \
            "processes": \(count / max(lists, 1))}
            """
    }

    private static func microseconds(_ body: () throws -> Void) rethrows -> Double {
        let start = processorTime()
        try body()
        return Double(processorTime() - start) / 1000
    }

    /// Nanoseconds of this process: file systems are read on a thread of their own.
    private static func processorTime() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
