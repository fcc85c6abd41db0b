import Testing

@testable import HostProbe

/// Whole machines and what becomes of them between two samples, with every value.
@Suite struct MachineTests {
    private let clock = StepClock()

    private func sampler(_ root: FixtureRoot) -> HostSampler {
        HostSampler(root: root.path, monotonic: clock.read)
    }

    /// Each processor was busy for `busy` ticks and idle for `idle`; those in `offline` have no line.
    private func writeProcessors(
        _ root: FixtureRoot, _ count: Int, busy: Int, idle: Int, offline: Set<Int> = [], back: Int? = nil
    ) throws {
        let online = (0..<count).filter { !offline.contains($0) }
        var text = "cpu  \(busy * online.count) 0 0 \(idle * online.count) 0 0 0 0 0 0\n"
        for processor in online {
            text +=
                processor == back
                ? "cpu\(processor) 1 0 0 2 0 0 0 0 0 0\n" : "cpu\(processor) \(busy) 0 0 \(idle) 0 0 0 0 0 0\n"
        }
        try root.write("/proc/stat", text + "intr 1 2 3\nctxt 7\nbtime 1763721000\nprocs_running 1\nprocs_blocked 0\n")
        for processor in online {
            // Two threads of a core are half of the processors apart, as on most machines.
            let half = count / 2
            let first = half == 0 ? processor : processor % half
            let siblings = Set([first, first + half]).subtracting(offline).sorted().map(String.init)
            try root.write(
                "/sys/devices/system/cpu/cpu\(processor)/topology/thread_siblings_list",
                siblings.joined(separator: ",") + "\n")
        }
    }

    @Test func aLargeMachineWhoseProcessorsComeAndGo() throws {
        let root = try FixtureRoot()
        try writeProcessors(root, 256, busy: 1000, idle: 9000)
        try root.write("/proc/self/cgroup", "0::/w\n")
        try root.write("/proc/self/mountinfo", "24 22 0:21 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
        try root.write("/sys/fs/cgroup/w/cpuset.cpus.effective", "0-63,255\n")
        for number in [0, 1] {
            let policy = "/sys/devices/system/cpu/cpufreq/policy\(number)"
            try root.write(
                policy + "/affected_cpus", (0..<256).filter { $0 % 2 == number }.map { "\($0)" }.joined(separator: " "))
            try root.write(policy + "/scaling_cur_freq", number == 0 ? "2000000\n" : "3000000\n")
        }
        let sampler = sampler(root)
        let first = sampler.sample().reading
        #expect(first.cpu?.online.text == "0-255")
        #expect(first.physicalCores == 128)
        #expect(first.frequencyMHz == 2500)
        #expect(first.effectiveCores == 65)

        // A processor and both threads of another core are taken out.
        clock.now += .seconds(1)
        try writeProcessors(root, 256, busy: 1025, idle: 9075, offline: [7, 127, 255])
        try root.write("/sys/devices/system/cpu/cpufreq/policy1/scaling_cur_freq", "1000000\n")
        let second = sampler.sample()
        #expect(second.reading.cpu?.online.text == "0-6,8-126,128-254")
        #expect(second.reading.physicalCores == 127)
        #expect(second.reading.frequencyMHz == 1500)
        #expect(second.reading.effectiveCores == 63)
        #expect(second.rates?.cores?.count == 253)
        #expect(second.rates?.cores?.allSatisfy { $0.usage?.busy == 25 } == true)
        // All of them together lost three processors' counters: there is nothing to compare with.
        #expect(second.rates?.cpu == nil)

        // One comes back and counts from the start; another was out and in again in between.
        clock.now += .seconds(1)
        try writeProcessors(root, 256, busy: 1050, idle: 9150, offline: [127, 255], back: 9)
        let third = sampler.sample()
        #expect(third.reading.cpu?.online.text == "0-126,128-254")
        #expect(third.reading.physicalCores == 127)
        let unknown = third.rates?.cores?.filter { $0.usage == nil }.map(\.id)
        #expect(unknown == [7, 9])
        #expect(third.rates?.cores?.first?.usage?.busy == 25)
    }

    @Test func aMachineWithOneProcessorAndNoSwapInAContainer() throws {
        let root = try FixtureRoot()
        try writeProcessors(root, 1, busy: 100, idle: 100)
        try root.write(
            "/proc/meminfo",
            """
            MemTotal:         491520 kB
            MemFree:           10240 kB
            MemAvailable:     204800 kB
            Buffers:            1024 kB
            Cached:           102400 kB
            SwapTotal:             0 kB
            SwapFree:              0 kB

            """)
        try root.write("/proc/self/cgroup", "0::/\n")
        try root.write("/proc/self/mountinfo", "24 22 0:21 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n")
        try root.write("/sys/fs/cgroup/memory.max", "268435456\n")
        try root.write("/sys/fs/cgroup/memory.current", "134217728\n")
        try root.write("/sys/fs/cgroup/memory.stat", "inactive_file 67108864\n")
        try root.write("/sys/fs/cgroup/cpu.max", "50000 100000\n")
        try root.write("/sys/fs/cgroup/cpu.stat", "usage_usec 1000000\nnr_periods 10\nnr_throttled 1\n")
        try root.write("/sys/fs/cgroup/cpuset.cpus.effective", "0\n")
        let sampler = sampler(root)
        _ = sampler.sample()
        clock.now += .seconds(2)
        try writeProcessors(root, 1, busy: 150, idle: 250)
        try root.write("/sys/fs/cgroup/cpu.stat", "usage_usec 1800000\nnr_periods 30\nnr_throttled 11\n")
        let (reading, measured) = sampler.sample()
        let rates = try #require(measured)
        #expect(reading.cpu?.online.text == "0")
        #expect(reading.physicalCores == 1)
        #expect(reading.frequencyMHz == nil)
        #expect(rates.cpu?.busy == 25)
        #expect(rates.cores?.map(\.usage?.idle) == [75])
        #expect(reading.effectiveCores == 0.5)
        #expect(rates.controlGroup == ControlGroupRates(usedCores: 0.4, throttledPercent: 50))
        #expect(reading.effectiveMemory?.total == 268_435_456)
        #expect(reading.effectiveMemory?.used == 67_108_864)
        #expect(reading.memory?.used == (491_520 - 204_800) << 10)
        #expect(reading.memory?.swapTotal == 0)
        #expect(reading.memory?.swapUsedPercent == nil)
        // A container has none of its own to show.
        #expect(reading.containers == [])
        #expect(reading.containerCount == 0)
    }

    @Test func aMachineOfAnOldKernelWhoseCountersGoBack() throws {
        let root = try FixtureRoot()
        func write(_ counter: Int, received: Int, paged: Int) throws {
            try writeProcessors(root, 2, busy: 100 + counter, idle: 100 + counter)
            // 3.10 does not say what is available, nor discards of disks.
            try root.write(
                "/proc/meminfo",
                "MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\nCached: 250 kB\nActive(file): 100 kB\n"
                    + "Inactive(file): 150 kB\nSReclaimable: 40 kB\nSwapTotal: 200 kB\nSwapFree: 150 kB\n")
            try root.write("/proc/diskstats", "8 0 sda 1 0 \(counter) 5 2 0 \(counter) 5 0 10 10\n")
            try root.write("/proc/net/dev", "eth0: \(received) 1 0 0 0 0 0 0 \(received) 1 0 0 0 0 0 0\n")
            try root.write("/proc/vmstat", "pgpgin \(paged)\npgpgout \(paged)\npswpin 0\npswpout 0\n")
        }
        try root.write(
            "/proc/self/cgroup", "4:memory:/\n3:cpuset:/\n2:cpuacct,cpu:/\n1:name=systemd:/\n")
        try root.write(
            "/proc/self/mountinfo",
            """
            20 19 0:18 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
            21 19 0:19 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
            22 19 0:20 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpuacct,cpu
            23 19 0:21 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset

            """)
        try root.write("/sys/fs/cgroup/cpuset/cpuset.cpus", "0-1\n")
        try root.write("/sys/fs/cgroup/cpu,cpuacct/cpuacct.usage", "5000000000\n")
        let sampler = sampler(root)
        try write(4096, received: 10_000, paged: 500)
        _ = sampler.sample()
        clock.now += .seconds(1)
        try write(2048, received: 9000, paged: 400)
        try root.write("/sys/fs/cgroup/cpu,cpuacct/cpuacct.usage", "1000\n")
        let (reading, measured) = sampler.sample()
        let rates = try #require(measured)
        #expect(reading.controlGroup?.version == .v1)
        #expect(reading.controlGroup?.cpuset?.text == "0-1")
        #expect(reading.effectiveCores == 2)
        #expect(reading.memory?.isAvailableEstimated == true)
        #expect(reading.memory?.swapUsedPercent == 25)
        #expect(reading.disks?.map(\.readSectors) == [2048])
        #expect(rates.disk == nil)
        #expect(rates.network?.receivedBytesPerSecond == nil)
        #expect(rates.virtualMemory?.pagedInBytesPerSecond == nil)
        #expect(rates.virtualMemory?.swappedInBytesPerSecond == 0)
        #expect(rates.controlGroup == ControlGroupRates())
        // Both fell, by more than the kernel ever sets them back.
        #expect(rates.cpu == nil)
        #expect(rates.cores?.map(\.usage) == [nil, nil])
        // From then on they are compared again.
        clock.now += .seconds(1)
        try write(4096, received: 19_000, paged: 424)
        let next = try #require(sampler.sample().rates)
        #expect(next.disk?.readBytesPerSecond == 1_048_576)
        #expect(next.network?.receivedBytesPerSecond == 10_000)
        #expect(next.virtualMemory?.pagedInBytesPerSecond == 24_576)
        #expect(next.cpu?.busy == 50)
    }

    @Test func aMachineThatSlept() throws {
        let root = try FixtureRoot()
        try writeProcessors(root, 2, busy: 100, idle: 100)
        try root.write("/proc/uptime", "1000.00 1.00\n")
        try root.write("/proc/net/dev", "eth0: 1000 1 0 0 0 0 0 0 0 1 0 0 0 0 0 0\n")
        let sampler = sampler(root)
        _ = sampler.sample()
        // Ten hours passed; the kernel's counters and CLOCK_MONOTONIC stood still but for a second.
        clock.now += .seconds(1)
        try writeProcessors(root, 2, busy: 125, idle: 175)
        try root.write("/proc/uptime", "37001.00 1.00\n")
        try root.write("/proc/net/dev", "eth0: 1500 1 0 0 0 0 0 0 0 1 0 0 0 0 0 0\n")
        let (reading, rates) = sampler.sample()
        #expect(reading.uptime == 37_001)
        #expect(rates?.cpu?.busy == 25)
        #expect(rates?.network?.receivedBytesPerSecond == 500)
    }
}
