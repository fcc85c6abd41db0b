import Glibc
import Testing

@testable import HostProbe

@Suite struct ControlGroupProbeTests {
    private let buffer = ReadBuffer()
    private let unlimited = "9223372036854771712\n"

    private func read(_ root: FixtureRoot) throws -> ControlGroupReading? {
        try ControlGroupProbe(root: root.path).read(buffer)
    }

    /// A service two levels down; its slice has the smaller limits.
    private func version2(_ root: FixtureRoot) throws {
        try root.write("/proc/self/cgroup", "0::/fleet.slice/worker.service\n")
        try root.write(
            "/proc/self/mountinfo", "24 22 0:21 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n")
        let slice = "/sys/fs/cgroup/fleet.slice"
        let service = slice + "/worker.service"
        try root.write(service + "/memory.max", "4294967296\n")
        try root.write(service + "/memory.current", "500000000\n")
        try root.write(service + "/memory.stat", "anon 1\ninactive_file 100000000\nactive_file 7\n")
        try root.write(service + "/cpu.max", "max 100000\n")
        try root.write(service + "/cpu.stat", "usage_usec 1000000\nnr_periods 0\nnr_throttled 0\n")
        try root.write(slice + "/memory.max", "1073741824\n")
        try root.write(slice + "/memory.current", "900000000\n")
        try root.write(slice + "/memory.stat", "inactive_file 150000000\n")
        try root.write(slice + "/cpu.max", "150000 100000\n")
        try root.write(
            slice + "/cpu.stat", "usage_usec 3000000\nuser_usec 1\nnr_periods 100\nnr_throttled 25\nthrottled_usec 9\n")
        for (resource, average) in [("cpu", "4.00"), ("memory", "5.00"), ("io", "6.50")] {
            try root.write(
                "\(service)/\(resource).pressure",
                "some avg10=\(average) avg60=0.00 avg300=0.00 total=1\nfull avg10=1.25 avg60=0.00 avg300=0.00 total=1\n"
            )
        }
    }

    @Test func takesTheSmallestLimitOfAllParentsOnVersion2() throws {
        let root = try FixtureRoot()
        try version2(root)
        let group = try #require(try read(root))
        #expect(group.version == .v2)
        #expect(group.path == "/fleet.slice/worker.service")
        #expect(
            group.memory == ControlGroupMemory(limit: 1_073_741_824, usage: 900_000_000, workingSet: 750_000_000))
        #expect(
            group.processor == ControlGroupProcessor(limit: 1.5, usage: 3_000_000, periods: 100, throttledPeriods: 25))
        #expect(group.cpuPressure?.some.average10 == 4)
        #expect(group.memoryPressure?.some.average10 == 5)
        #expect(group.ioPressure?.some.average10 == 6.5)
        #expect(group.ioPressure?.full?.average10 == 1.25)
    }

    @Test func takesItsOwnUsageWithoutALimit() throws {
        let root = try FixtureRoot()
        try version2(root)
        let slice = "/sys/fs/cgroup/fleet.slice"
        for folder in [slice, slice + "/worker.service"] {
            try root.write(folder + "/memory.max", "max\n")
            try root.write(folder + "/cpu.max", "max 100000\n")
        }
        let group = try #require(try read(root))
        #expect(group.memory == ControlGroupMemory(limit: nil, usage: 500_000_000, workingSet: 400_000_000))
        #expect(group.processor?.limit == nil)
        #expect(group.processor?.usage == 1_000_000)
    }

    @Test func readsAContainerThatSeesItselfAsTheRoot() throws {
        let root = try FixtureRoot()
        try root.write("/proc/self/cgroup", "0::/\n")
        try root.write("/proc/self/mountinfo", "24 22 0:21 /../../x /sys/fs/cgroup ro - cgroup2 cgroup rw\n")
        try root.write("/sys/fs/cgroup/memory.max", "268435456\n")
        try root.write("/sys/fs/cgroup/memory.current", "1000\n")
        try root.write("/sys/fs/cgroup/memory.stat", "inactive_file 5000\n")
        try root.write("/sys/fs/cgroup/cpu.max", "50000 100000\n")
        let group = try #require(try read(root))
        #expect(group.memory == ControlGroupMemory(limit: 268_435_456, usage: 1000, workingSet: 0))
        #expect(group.processor == ControlGroupProcessor(limit: 0.5, usage: nil))
        #expect(group.cpuPressure == nil)
    }

    @Test func readsVersion1InsideAContainer() throws {
        let root = try FixtureRoot()
        try root.write(
            "/proc/self/cgroup",
            "12:pids:/docker/abc\n5:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n1:name=systemd:/x\n")
        try root.write(
            "/proc/self/mountinfo",
            """
            31 30 0:30 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro master:9 - cgroup cgroup rw,cpu,cpuacct
            32 30 0:31 /docker/abc /sys/fs/cgroup/memory ro master:10 - cgroup cgroup rw,memory

            """)
        let memory = "/sys/fs/cgroup/memory"
        try root.write(memory + "/memory.limit_in_bytes", unlimited)
        try root.write(memory + "/memory.usage_in_bytes", "700000000\n")
        // The limit of a parent that the container cannot see.
        try root.write(
            memory + "/memory.stat",
            "inactive_file 1\nhierarchical_memory_limit 1000000000\ntotal_inactive_file 200000000\n")
        let cpu = "/sys/fs/cgroup/cpu,cpuacct"
        try root.write(cpu + "/cpu.cfs_quota_us", "250000\n")
        try root.write(cpu + "/cpu.cfs_period_us", "100000\n")
        try root.write(cpu + "/cpu.stat", "nr_periods 8\nnr_throttled 2\nthrottled_time 77\n")
        try root.write(cpu + "/cpuacct.usage", "5000000000\n")
        let group = try #require(try read(root))
        #expect(group.version == .v1)
        #expect(group.path == "/docker/abc")
        #expect(
            group.memory == ControlGroupMemory(limit: 1_000_000_000, usage: 700_000_000, workingSet: 500_000_000))
        #expect(
            group.processor == ControlGroupProcessor(limit: 2.5, usage: 5_000_000, periods: 8, throttledPeriods: 2))
    }

    @Test func readsTheControllersOfVersion1BesideVersion2() throws {
        let root = try FixtureRoot()
        try root.write(
            "/proc/self/cgroup", "4:memory:/jobs/7\n2:cpuacct:/\n1:cpu:/\n0::/jobs/7\n")
        try root.write(
            "/proc/self/mountinfo",
            """
            32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
            33 31 0:30 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct
            35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
            41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw

            """)
        let job = "/sys/fs/cgroup/memory/jobs/7"
        try root.write(job + "/memory.limit_in_bytes", "300000000\n")
        try root.write(job + "/memory.usage_in_bytes", "100000000\n")
        try root.write(job + "/memory.stat", "total_inactive_file 40000000\nhierarchical_memory_limit 300000000\n")
        try root.write("/sys/fs/cgroup/memory/memory.limit_in_bytes", unlimited)
        try root.write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n")
        try root.write("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n")
        try root.write("/sys/fs/cgroup/cpu/cpu.stat", "nr_periods 0\nnr_throttled 0\n")
        try root.write("/sys/fs/cgroup/cpuacct/cpuacct.usage", "9000\n")
        try root.write(
            "/sys/fs/cgroup/unified/jobs/7/memory.pressure", "some avg10=2.00 avg60=0.00 avg300=0.00 total=1\n")
        let group = try #require(try read(root))
        #expect(group.version == .hybrid)
        #expect(group.path == "/jobs/7")
        #expect(
            group.memory == ControlGroupMemory(limit: 300_000_000, usage: 100_000_000, workingSet: 60_000_000))
        #expect(group.processor == ControlGroupProcessor(limit: nil, usage: 9, periods: 0, throttledPeriods: 0))
        #expect(group.memoryPressure?.some.average10 == 2)
        #expect(group.cpuPressure == nil)
    }

    @Test func takesTheProcessorsOfTheNearestGroupThatNamesThem() throws {
        let root = try FixtureRoot()
        try version2(root)
        try root.write("/sys/fs/cgroup/cpuset.cpus.effective", "0-15\n")
        #expect(try read(root)?.cpuset == CPUList(0...15))
        try root.write("/sys/fs/cgroup/fleet.slice/cpuset.cpus.effective", "0-3,8\n")
        #expect(try read(root)?.cpuset?.text == "0-3,8")
        try root.write("/sys/fs/cgroup/fleet.slice/worker.service/cpuset.cpus.effective", "\n")
        #expect(try read(root)?.cpuset == nil)
    }

    @Test func takesTheProcessorsOfVersion1() throws {
        let root = try FixtureRoot()
        try root.write("/proc/self/cgroup", "3:cpuset:/jobs/7\n")
        try root.write("/proc/self/mountinfo", "32 31 0:29 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n")
        let job = "/sys/fs/cgroup/cpuset/jobs/7"
        try root.write(job + "/cpuset.cpus", "0-7\n")
        let group = try #require(try read(root))
        #expect(group.version == .v1)
        #expect(group.path == "/jobs/7")
        #expect(group.cpuset == CPUList(0...7))
        // Those of them that are online.
        try root.write(job + "/cpuset.effective_cpus", "0-5\n")
        #expect(try read(root)?.cpuset == CPUList(0...5))
    }

    @Test func isNothingWithoutControlGroups() throws {
        let root = try FixtureRoot()
        try root.write("/proc/self/cgroup", "0::/\n")
        try root.write("/proc/self/mountinfo", "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n")
        #expect(try read(root) == nil)
        root.remove("/proc/self/cgroup")
        #expect(throws: ProbeError(.missing, source: "/proc/self/cgroup", underlyingCode: ENOENT)) { try read(root) }
    }

    @Test func leavesOutWhatTheRootOfVersion2DoesNotHave() throws {
        let root = try FixtureRoot()
        try root.write("/proc/self/cgroup", "0::/\n")
        try root.write("/proc/self/mountinfo", "24 22 0:21 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
        try root.write("/sys/fs/cgroup/cpu.stat", "usage_usec 5\n")
        let group = try #require(try read(root))
        #expect(group.memory == nil)
        #expect(group.processor == ControlGroupProcessor(limit: nil, usage: 5))
    }

    @Test func goesOnWhenTheGroupIsGone() throws {
        let root = try FixtureRoot()
        try version2(root)
        let probe = ControlGroupProbe(root: root.path)
        #expect(try probe.read(buffer)?.memory?.usage == 900_000_000)
        for file in ["memory.max", "memory.current", "memory.stat", "cpu.max", "cpu.stat"] {
            try root.write("/sys/fs/cgroup/fleet.slice/" + file, "")
            try root.write("/sys/fs/cgroup/fleet.slice/worker.service/" + file, "")
        }
        let group = try #require(try probe.read(buffer))
        #expect(group.memory == nil)
        #expect(group.processor == nil)
    }

    @Test func isUnknownWhereItsFilesCannotBeRead() throws {
        let root = try FixtureRoot()
        try root.write("/proc/self/cgroup", "0::/\n")
        try root.write("/proc/self/mountinfo", "24 22 0:21 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
        for file in ["memory.max", "memory.current", "memory.stat", "cpu.max", "cpu.stat", "io.pressure"] {
            try root.makeFolder("/sys/fs/cgroup/" + file)
        }
        #expect(try read(root) == ControlGroupReading(version: .v2, path: "/"))
    }

    @Test func computesRates() {
        let old = ControlGroupProcessor(limit: 2, usage: 1_000_000, periods: 100, throttledPeriods: 10)
        let new = ControlGroupProcessor(limit: 2, usage: 4_000_000, periods: 120, throttledPeriods: 15)
        #expect(
            ControlGroupRates.between(old, new, seconds: 2)
                == ControlGroupRates(usedCores: 1.5, throttledPercent: 25))
        #expect(ControlGroupRates.between(new, old, seconds: 2) == ControlGroupRates())
        #expect(ControlGroupRates.between(new, new, seconds: 2) == ControlGroupRates(usedCores: 0))
    }

    @Test func limitsWhatTheHostHas() {
        var reading = HostReading(at: .zero)
        #expect(reading.effectiveCores == nil)
        #expect(reading.effectiveMemory == nil)
        reading.cpu = CPUReading(
            total: CPUTimes(), cores: (0..<4).map { CPUReading.Core(id: $0, times: CPUTimes()) })
        reading.memory = MemoryReading(total: 1000, free: 100, available: 600)
        #expect(reading.effectiveCores == 4)
        #expect(reading.effectiveMemory?.total == 1000)
        #expect(reading.effectiveMemory?.used == 400)
        var group = ControlGroupReading(version: .v2, path: "/")
        group.processor = ControlGroupProcessor(limit: 2.5, usage: nil)
        group.memory = ControlGroupMemory(limit: 800, usage: 300, workingSet: 200)
        reading.controlGroup = group
        #expect(reading.effectiveCores == 2.5)
        #expect(reading.effectiveMemory?.total == 800)
        #expect(reading.effectiveMemory?.used == 200)
        // Of the set, 4 to 9 are offline or not there.
        reading.controlGroup?.cpuset = CPUList(2...9)
        #expect(reading.effectiveCores == 2)
        reading.controlGroup?.processor?.limit = 0.5
        #expect(reading.effectiveCores == 0.5)
        reading.controlGroup?.cpuset = CPUList(8...9)
        reading.controlGroup?.processor?.limit = 2.5
        #expect(reading.effectiveCores == 2.5)
        reading.cpu = nil
        #expect(reading.effectiveCores == 2)
        reading.controlGroup?.cpuset = nil
        reading.cpu = CPUReading(
            total: CPUTimes(), cores: (0..<4).map { CPUReading.Core(id: $0, times: CPUTimes()) })
        // More than there is limits nothing.
        reading.controlGroup?.processor?.limit = 64
        reading.controlGroup?.memory?.limit = 5000
        #expect(reading.effectiveCores == 4)
        #expect(reading.effectiveMemory?.total == 1000)
    }
}
