import Testing

@testable import HostProbe

@Suite struct ContainerProbeTests {
    private let buffer = ReadBuffer()
    private let clock = StepClock()
    private static let id = String(repeating: "4f0c2a1b", count: 8)

    private static func id(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 64 - digits.utf8.count) + digits
    }

    private func probe(_ root: FixtureRoot) -> ContainerProbe {
        ContainerProbe(root: root.path, monotonic: clock.read)
    }

    private func mountVersion2(_ root: FixtureRoot) throws {
        try root.write(
            "/proc/self/mountinfo", "24 22 0:21 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n")
    }

    /// A container of version 2 that has used so much since it began.
    private func version2(
        _ root: FixtureRoot, _ path: String, microseconds: Int = 1_000_000, written: Int = 4096
    ) throws {
        let folder = "/sys/fs/cgroup" + path
        try root.write(folder + "/memory.current", "500000000\n")
        try root.write(folder + "/memory.max", "max\n")
        try root.write(folder + "/memory.stat", "anon 1\ninactive_file 100000000\nactive_file 7\n")
        try root.write(folder + "/cpu.max", "150000 100000\n")
        try root.write(
            folder + "/cpu.stat",
            "usage_usec \(microseconds)\nnr_periods \(microseconds / 100_000)\nnr_throttled \(microseconds / 400_000)\n"
        )
        try root.write(folder + "/pids.current", "12\n")
        try root.write(
            folder + "/io.stat",
            "8:0 rbytes=1000 wbytes=\(written) rios=1 wios=1 dbytes=0 dios=0\n259:0 rbytes=24 wbytes=0 rios=1 wios=0\n")
    }

    @Test func readsWhatAContainerOfVersion2Uses() throws {
        let root = try FixtureRoot()
        try mountVersion2(root)
        let pod = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice"
        let path = "\(pod)/cri-containerd-\(Self.id).scope"
        try version2(root, path)
        // What the pod may use is less than the host has, and more than the slice would allow.
        try root.write("/sys/fs/cgroup\(pod)/memory.max", "2000000000\n")
        try root.write("/sys/fs/cgroup/kubepods.slice/memory.max", "9000000000\n")
        let probe = probe(root)
        let first = try #require(probe.read(buffer, at: clock.now))
        #expect(first.total == 1)
        var expected = ContainerReading(runtime: .containerd, id: Self.id, path: path, at: clock.now)
        expected.memory = ControlGroupMemory(limit: 2_000_000_000, usage: 500_000_000, workingSet: 400_000_000)
        expected.processor = ControlGroupProcessor(limit: 1.5, usage: 1_000_000, periods: 10, throttledPeriods: 2)
        expected.tasks = 12
        expected.transfers = BlockTransfers(readBytes: 1024, writtenBytes: 4096)
        #expect(first.containers == [expected])

        clock.now += .seconds(2)
        try version2(root, path, microseconds: 4_000_000, written: 8192)
        let second = try #require(probe.read(buffer, at: clock.now)?.containers.first)
        #expect(
            second.rates
                == ContainerRates(
                    processor: ControlGroupRates(usedCores: 1.5, throttledPercent: 8.0 / 30 * 100),
                    readBytesPerSecond: 0, writtenBytesPerSecond: 2048))

        // The counters went back: it was started anew.
        clock.now += .seconds(1)
        try version2(root, path, microseconds: 5, written: 0)
        let third = try #require(probe.read(buffer, at: clock.now)?.containers.first)
        #expect(third.rates == ContainerRates(processor: ControlGroupRates(), readBytesPerSecond: 0))
    }

    @Test func readsWhatAContainerOfVersion1Uses() throws {
        let root = try FixtureRoot()
        try root.write(
            "/proc/self/mountinfo",
            """
            31 30 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
            32 30 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
            33 30 0:32 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
            34 30 0:33 / /sys/fs/cgroup/blkio rw - cgroup cgroup rw,blkio
            35 30 0:34 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw

            """)
        let path = "/docker/" + Self.id
        let memory = "/sys/fs/cgroup/memory" + path
        try root.write(memory + "/memory.limit_in_bytes", "9223372036854771712\n")
        try root.write(memory + "/memory.usage_in_bytes", "700000000\n")
        try root.write(memory + "/memory.stat", "hierarchical_memory_limit 1000000000\ntotal_inactive_file 200000000\n")
        let cpu = "/sys/fs/cgroup/cpu,cpuacct" + path
        try root.write(cpu + "/cpu.cfs_quota_us", "-1\n")
        try root.write(cpu + "/cpu.cfs_period_us", "100000\n")
        try root.write(cpu + "/cpu.stat", "nr_periods 0\nnr_throttled 0\nthrottled_time 0\n")
        try root.write(cpu + "/cpuacct.usage", "5000000000\n")
        try root.write("/sys/fs/cgroup/pids\(path)/pids.current", "3\n")
        try root.write(
            "/sys/fs/cgroup/blkio\(path)/blkio.throttle.io_service_bytes_recursive",
            "8:0 Read 4096\n8:0 Write 8192\n8:0 Sync 1\n8:0 Total 12288\n8:16 Read 1\n8:16 Write 2\nTotal 12291\n")
        let container = try #require(probe(root).read(buffer, at: clock.now)?.containers.first)
        #expect(container.runtime == .docker)
        #expect(
            container.memory == ControlGroupMemory(limit: 1_000_000_000, usage: 700_000_000, workingSet: 500_000_000))
        #expect(
            container.processor == ControlGroupProcessor(limit: nil, usage: 5_000_000, periods: 0, throttledPeriods: 0))
        #expect(container.tasks == 3)
        #expect(container.transfers == BlockTransfers(readBytes: 4097, writtenBytes: 8194))
    }

    @Test func findsContainersEachTenSecondsAndLosesThemAtOnce() throws {
        let root = try FixtureRoot()
        try mountVersion2(root)
        let probe = probe(root)
        try root.makeFolder("/sys/fs/cgroup/lxc.monitor.web")
        #expect(try #require(probe.read(buffer, at: clock.now)).containers.isEmpty)
        try version2(root, "/lxc.payload.web")
        // The containers in a container are containers too.
        try version2(root, "/lxc.payload.web/docker/" + Self.id)
        clock.now += .seconds(9)
        #expect(probe.read(buffer, at: clock.now)?.total == 0)
        clock.now += .seconds(1)
        let found = try #require(probe.read(buffer, at: clock.now))
        #expect(found.containers.map(\.name) == ["web", nil])
        #expect(found.containers.map(\.id) == ["web", Self.id])
        clock.now += .seconds(1)
        // A group that was removed has no more to say; here its files are emptied.
        for file in ["memory.current", "memory.max", "cpu.max", "cpu.stat", "pids.current"] {
            try root.write("/sys/fs/cgroup/lxc.payload.web/docker/\(Self.id)/\(file)", "")
        }
        let left = try #require(probe.read(buffer, at: clock.now))
        #expect(left.containers.map(\.id) == ["web"])
        #expect(left.total == 1)
        #expect(left.containers.first?.rates?.processor?.usedCores == 0)
        probe.reset()
        clock.now += .seconds(1)
        #expect(try #require(probe.read(buffer, at: clock.now)?.containers.first).rates == nil)
    }

    @Test func readsManyInTurn() throws {
        let root = try FixtureRoot()
        try mountVersion2(root)
        for number in 0..<70 { try version2(root, "/system.slice/docker-\(Self.id(number)).scope") }
        let probe = probe(root)
        let start = clock.now
        let first = try #require(probe.read(buffer, at: start))
        #expect(first.total == 70)
        #expect(first.containers.map(\.id) == (0..<64).map(Self.id))
        #expect(first.containers.allSatisfy { $0.at == start })
        var seen: [Int] = []
        for second in 1...13 {
            clock.now += .seconds(1)
            let now = clock.now
            let containers = try #require(probe.read(buffer, at: now)).containers
            let read = containers.indices.filter { containers[$0].at == now }
            #expect(read.count == ContainerProbe.containersPerReading, "after \(second) s")
            seen += read
        }
        #expect(Set(seen) == Set(0..<64))
        // Over the time since its own last reading, not the host's.
        try version2(root, "/system.slice/docker-\(Self.id(0)).scope", microseconds: 3_000_000)
        var latest = try #require(probe.read(buffer, at: clock.now)).containers[0]
        while latest.processor?.usage != 3_000_000 {
            clock.now += .seconds(1)
            latest = try #require(probe.read(buffer, at: clock.now)).containers[0]
        }
        let turns = Double(64 / ContainerProbe.containersPerReading)
        let used = try #require(latest.rates?.processor?.usedCores)
        #expect((2 / (turns + 2)...2 / (turns - 1)).contains(used))
    }

    @Test func looksOnlySoDeepAndIntoSoMany() throws {
        let root = try FixtureRoot()
        try mountVersion2(root)
        let parents = (1...11).map { "/\($0)" }.joined()
        try version2(root, "\(parents)/libpod-\(Self.id)")
        #expect(probe(root).read(buffer, at: clock.now)?.total == 1)
        let deeper = try FixtureRoot()
        try mountVersion2(deeper)
        try version2(deeper, "\(parents)/12/libpod-\(Self.id)")
        #expect(probe(deeper).read(buffer, at: clock.now)?.total == 0)
    }

    @Test func isUnknownWithoutControlGroups() throws {
        let root = try FixtureRoot()
        #expect(probe(root).read(buffer, at: clock.now) == nil)
        try root.write("/proc/self/mountinfo", "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n")
        #expect(probe(root).read(buffer, at: clock.now) == nil)
    }

    @Test(arguments: [
        "", "8:0\n", "Total 5\n", "8: rbytes=1\n", ":0 Read 1\n", "8:0 rbytes=-1 wbytes=\n", "a:b Read 9\n",
    ])
    func countsNothingOfMalformedLines(text: String) {
        #expect(withBytes(text) { BlockTransfers($0) } == BlockTransfers())
    }

    @Test func countsUpToTheLargestNumber() {
        let text = "8:0 rbytes=18446744073709551615 wbytes=1\n8:16 rbytes=5 wbytes=2\n"
        #expect(withBytes(text) { BlockTransfers($0) } == BlockTransfers(readBytes: .max, writtenBytes: 3))
    }
}
