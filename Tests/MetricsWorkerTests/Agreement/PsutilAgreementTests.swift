import Contracts
import Glibc
import HostProbe
import Runtime
import Testing

/// Our readings lie between what psutil says before and after them.
@Suite(.enabled(if: Psutil.isInstalled, "python3-psutil is not installed"), .serialized)
struct PsutilAgreementTests {
    private static let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))

    @Test func memoryAndSwap() async throws {
        let psutil = try Psutil()
        let sampler = HostSampler()
        let before = try await psutil.read()
        let memory = try #require(sampler.sample().reading.memory)
        let after = try await psutil.read()
        func compare(_ what: String, _ name: String, _ ours: UInt64?, _ tolerance: Tolerance) throws {
            try expect(
                what, ours.map { Double($0) }, between: before[what]?[name]?.double, and: after[what]?[name]?.double,
                tolerance)
        }
        let share = Tolerance.share(Tolerance.memory, of: Double(memory.total))
        try compare("memory", "total", memory.total, .none)
        try compare("memory", "available", memory.available, share)
        try compare("memory", "free", memory.free, share)
        // Not cached: psutil and free add what the kernel could take back of its own memory.
        try compare("memory", "buffers", memory.buffers, share)
        try compare("swap", "total", memory.swapTotal, .none)
        try compare("swap", "used", memory.swapUsed, .share(Tolerance.memory, of: Double(memory.swapTotal ?? 0)))
    }

    @Test func processors() async throws {
        let psutil = try Psutil()
        let sampler = HostSampler()
        let before = try await psutil.read()
        let reading = sampler.sample().reading
        let after = try await psutil.read()
        let cpu = try #require(reading.cpu)
        try Self.expectTimes("all", cpu.total, before["cpu"], after["cpu"])
        let (cores, later) = (before["cores"]?.elements.map(\.self) ?? [], after["cores"]?.elements.map(\.self) ?? [])
        #expect(cpu.cores.count == cores.count)
        for (core, (before, after)) in zip(cpu.cores, zip(cores, later)) {
            try Self.expectTimes("core \(core.id)", core.times, before, after)
        }
        #expect(cpu.cores.count == before["logical"]?.int)
        #expect(reading.physicalCores == before["physical"]?.int)
        if let frequency = before["frequency"]?.double {
            try expect(
                "frequency", reading.frequencyMHz, between: frequency, and: after["frequency"]?.double,
                .share(Tolerance.frequency, of: frequency))
        } else {
            #expect(reading.frequencyMHz == nil)
        }
        let loads = [reading.load?.oneMinute, reading.load?.fiveMinutes, reading.load?.fifteenMinutes]
        let (first, second) = (before["load"]?.elements.map(\.double), after["load"]?.elements.map(\.double))
        for (load, (first, second)) in zip(loads, zip(try #require(first), try #require(second))) {
            try expect("load", load, between: first, and: second, .load)
        }
        try expect(
            "uptime", reading.uptime, between: before["uptime"]?.double, and: after["uptime"]?.double, .hundredth)
    }

    private static func expectTimes(
        _ what: String, _ times: CPUTimes, _ before: JSONValue?, _ after: JSONValue?
    ) throws {
        let fields: [(String, UInt64, Tolerance)] = [
            ("user", times.user, .none), ("nice", times.nice, .none), ("system", times.system, .none),
            ("irq", times.irq, .none), ("softirq", times.softirq, .none), ("steal", times.steal, .none),
            ("guest", times.guest, .none), ("guest_nice", times.guestNice, .none),
            ("idle", times.idle, .steppedBack), ("iowait", times.iowait, .steppedBack),
        ]
        for (name, value, tolerance) in fields {
            try expect(
                "\(what) \(name)", Double(value) / ticks, between: before?[name]?.double, and: after?[name]?.double,
                tolerance)
        }
    }

    @Test func sharesOverASecondOfABusyLoop() async throws {
        let psutil = try Psutil()
        let sampler = HostSampler()
        let before = try await psutil.read()
        _ = sampler.sample()
        let start = HostSampler.monotonicClock()
        while HostSampler.monotonicClock() - start < .seconds(1) {}
        let rates = try #require(sampler.sample().rates?.cpu)
        let after = try await psutil.read()
        // As psutil computes cpu_times_percent(): guest is a part of user.
        func growth(_ name: String) -> Double {
            max((after["cpu"]?[name]?.double ?? 0) - (before["cpu"]?[name]?.double ?? 0), 0)
        }
        let names = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"]
        let total = names.reduce(0) { $0 + growth($1) }
        let shares: [(String, Double)] = [
            ("user", rates.user), ("nice", rates.nice), ("system", rates.system), ("idle", rates.idle),
            ("iowait", rates.iowait), ("steal", rates.steal),
        ]
        for (name, ours) in shares {
            let share = growth(name) / total * 100
            try expect("share of \(name)", ours, between: share, and: share, .busy)
        }
        let busy = (total - growth("idle") - growth("iowait")) / total * 100
        try expect("busy", rates.busy, between: busy, and: busy, .busy)
        #expect(rates.busy >= 100 / Double(sysconf(Int32(_SC_NPROCESSORS_ONLN))) / 2)
    }

    @Test func disksAndNetworks() async throws {
        let psutil = try Psutil()
        let sampler = HostSampler()
        let before = try await psutil.read()
        let reading = sampler.sample().reading
        let after = try await psutil.read()
        var compared = 0
        for disk in reading.disks ?? [] {
            let (first, second) = (before["disks"]?[disk.name], after["disks"]?[disk.name])
            // psutil leaves out what is no device of its own, and a disk may have come in between.
            guard let first, let second else { continue }
            compared += 1
            let fields: [(String, UInt64)] = [
                ("read_count", disk.reads), ("write_count", disk.writes),
                ("read_bytes", disk.readSectors * DiskCounters.bytesPerSector),
                ("write_bytes", disk.writtenSectors * DiskCounters.bytesPerSector),
                ("read_time", disk.readMilliseconds), ("write_time", disk.writeMilliseconds),
                ("busy_time", disk.busyMilliseconds),
            ]
            for (name, value) in fields {
                try expect(
                    "\(disk.name) \(name)", Double(value), between: first[name]?.double, and: second[name]?.double)
            }
        }
        for interface in reading.network?.interfaces ?? [] {
            let (first, second) = (before["networks"]?[interface.name], after["networks"]?[interface.name])
            guard let first, let second else { continue }
            compared += 1
            let fields: [(String, UInt64)] = [
                ("bytes_recv", interface.receivedBytes), ("bytes_sent", interface.sentBytes),
                ("packets_recv", interface.receivedPackets), ("packets_sent", interface.sentPackets),
                ("errin", interface.receiveErrors), ("errout", interface.sendErrors),
                ("dropin", interface.receiveDrops), ("dropout", interface.sendDrops),
            ]
            for (name, value) in fields {
                try expect(
                    "\(interface.name) \(name)", Double(value), between: first[name]?.double, and: second[name]?.double)
            }
        }
        // At least the loopback interface.
        #expect(compared > 0)
    }

    @Test func spaceOfTheRoot() async throws {
        let psutil = try Psutil()
        let before = try await psutil.read()
        let sampler = HostSampler()
        let space = try #require(sampler.sample().reading.fileSystems?.first { $0.mount.path == "/" }?.space)
        let after = try await psutil.read()
        try expect(
            "total", Double(space.total), between: before["space"]?["total"]?.double,
            and: after["space"]?["total"]?.double)
        let share = Tolerance.share(Tolerance.memory, of: Double(space.total))
        try expect(
            "used", Double(space.used), between: before["space"]?["used"]?.double,
            and: after["space"]?["used"]?.double, share)
        try expect(
            "free", Double(space.available), between: before["space"]?["free"]?.double,
            and: after["space"]?["free"]?.double, share)
    }

    @Test func processes() async throws {
        let psutil = try Psutil()
        let table = ProcessTable()
        let bootTime = Double(try BootTimeProbe().read(ReadBuffer()))
        let before = try await psutil.read(processes: true)
        let found = Dictionary(try table.read().processes.map { ($0.identity.pid, $0) }) { first, _ in first }
        let after = try await psutil.read(processes: true)
        var compared = 0
        for (pid, first) in before["processes"]?.members.map({ ($0.name.string, $0.value) }) ?? [] {
            // Those that lived through all three, and are not another process by now.
            guard let second = after["processes"]?[pid], first["created"]?.double == second["created"]?.double else {
                continue
            }
            let ours = try #require(Int32(pid).flatMap { found[$0] }, "process \(pid)")
            compared += 1
            // psutil completes a name that the kernel cut from the command line.
            let name = try #require(second["name"]?.string)
            #expect(ours.name == name || (ours.name.utf8.count == 15 && name.hasPrefix(ours.name)))
            #expect(Int(ours.parent) == first["ppid"]?.int || Int(ours.parent) == second["ppid"]?.int)
            try expect(
                "\(pid) start", bootTime + Double(ours.identity.startTicks) / Self.ticks,
                between: first["created"]?.double, and: second["created"]?.double, .hundredth)
            try expect(
                "\(pid) cpu", Double(ours.processorTicks) / Self.ticks, between: first["cpu"]?.double,
                and: second["cpu"]?.double, .hundredth)
            // Threads come and go; where they did not, ours are as many.
            guard let threads = first["threads"]?.int, threads == second["threads"]?.int, ours.threads != threads else {
                continue
            }
            #expect(Int32(pid) != getpid() && Int32(pid) != 1, "\(pid) has \(ours.threads) threads, not \(threads)")
        }
        // This one at least, and psutil itself.
        #expect(compared >= 2)
    }
}
