import BusTestKit
import Glibc
import HostProbe
import Testing

/// Our readings lie between what `free`, `vmstat` and `iostat` say before and after them.
@Suite struct ToolAgreementTests {
    private static let free = "/usr/bin/free"
    private static let vmstat = "/usr/bin/vmstat"
    private static let iostat = "/usr/bin/iostat"

    private static func isInstalled(_ path: String) -> Bool { access(path, X_OK) == 0 }

    /// The fields of each line of what a program writes.
    private func lines(_ path: String, _ arguments: String...) async throws -> [[Substring]] {
        let process = try ChildProcess(path, arguments, environment: ["LC_ALL": "C", "PATH": "/usr/bin:/bin"])
        let status = try await withDeadline(path) { try await process.wait() }
        try #require(status == 0, "\(path): \(process.text)")
        return process.text.split(separator: "\n").map { $0.split(separator: " ") }
    }

    @Test(.enabled(if: isInstalled(free), "procps is not installed")) func freeCountsTheSameMemory() async throws {
        let sampler = HostSampler()
        let before = try await lines(Self.free, "-b", "-w")
        let memory = try #require(sampler.sample().reading.memory)
        let after = try await lines(Self.free, "-b", "-w")
        // Mem: total used free shared buffers cache available; Swap: total used free.
        func compare(
            _ what: String, _ row: String, _ column: Int, _ ours: UInt64?, _ tolerance: Tolerance
        ) throws {
            func value(_ lines: [[Substring]]) -> Double? {
                let fields = lines.first { $0.first == row[...] } ?? []
                return column < fields.count ? Double(fields[column]) : nil
            }
            try expect(what, ours.map { Double($0) }, between: value(before), and: value(after), tolerance)
        }
        let share = Tolerance.share(Tolerance.memory, of: Double(memory.total))
        try compare("total", "Mem:", 1, memory.total, .none)
        try compare("free", "Mem:", 3, memory.free, share)
        try compare("buffers", "Mem:", 5, memory.buffers, share)
        try compare("available", "Mem:", 7, memory.available, share)
        try compare("swap", "Swap:", 1, memory.swapTotal, .none)
        try compare(
            "swap used", "Swap:", 2, memory.swapUsed, .share(Tolerance.memory, of: Double(memory.swapTotal ?? 0)))
    }

    @Test(.enabled(if: isInstalled(vmstat), "procps is not installed")) func vmstatCountsTheSame() async throws {
        let sampler = HostSampler()
        let before = try await lines(Self.vmstat, "-s")
        let reading = sampler.sample().reading
        let after = try await lines(Self.vmstat, "-s")
        let cpu = try #require(reading.cpu).total
        let paging = try #require(reading.virtualMemory)
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        // A number and what it counts in each line. Of vmstat's user time guest is left out, as of its nice time.
        let values: [(String, Double?, Tolerance)] = [
            ("system cpu ticks", Double(cpu.system), .none), ("softirq cpu ticks", Double(cpu.softirq), .none),
            ("stolen cpu ticks", Double(cpu.steal), .none),
            ("idle cpu ticks", Double(cpu.idle), .seconds(ticks)),
            ("IO-wait cpu ticks", Double(cpu.iowait), .seconds(ticks)),
            ("K paged in", paging.pagedIn.map { Double($0) }, .none),
            ("K paged out", paging.pagedOut.map { Double($0) }, .none),
            ("pages swapped in", paging.swappedIn.map { Double($0) }, .none),
            ("pages swapped out", paging.swappedOut.map { Double($0) }, .none),
            ("K total memory", reading.memory.map { Double($0.total >> 10) }, .none),
            ("K total swap", reading.memory?.swapTotal.map { Double($0 >> 10) }, .none),
        ]
        for (what, ours, tolerance) in values {
            func value(_ lines: [[Substring]]) -> Double? {
                lines.first { $0.dropFirst().joined(separator: " ") == what }?.first.flatMap { Double($0) }
            }
            try expect(what, ours, between: value(before), and: value(after), tolerance)
        }
    }

    @Test(.enabled(if: isInstalled(iostat), "sysstat is not installed")) func iostatCountsTheSameDisks() async throws {
        let sampler = HostSampler()
        let before = try await lines(Self.iostat, "-d", "-k")
        let disks = try #require(sampler.sample().reading.disks)
        let after = try await lines(Self.iostat, "-d", "-k")
        let header = try #require(before.first { $0.first == "Device" }, "a table of devices")
        // In KiB since boot, cut to whole ones.
        let columns: [(String, (DiskCounters) -> UInt64)] = [
            ("kB_read", \.readSectors), ("kB_wrtn", \.writtenSectors),
        ]
        for disk in disks {
            guard let first = before.first(where: { $0.first == disk.name[...] }),
                let second = after.first(where: { $0.first == disk.name[...] })
            else { continue }
            for (name, sectors) in columns {
                let column = try #require(header.firstIndex(of: name[...]))
                try expect(
                    "\(disk.name) \(name)", Double(sectors(disk) / 2), between: Double(first[column]),
                    and: Double(second[column]))
            }
        }
    }
}
