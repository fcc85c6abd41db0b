import Glibc
import Testing

@testable import HostProbe

@Suite struct HostSamplerTests {
    private func fill(_ root: FixtureRoot, user: Int, sectors: Int, received: Int) throws {
        try root.write("/proc/stat", "cpu  \(user) 0 0 100 0 0 0 0 0 0\ncpu0 \(user) 0 0 100 0 0 0 0 0 0\n")
        try root.write("/proc/meminfo", "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 500 kB\n")
        try root.write("/proc/loadavg", "1.00 2.00 3.00 1/2 3\n")
        try root.write("/proc/uptime", "5.00 1.00\n")
        try root.write(
            "/proc/diskstats",
            "8 0 sda 1 0 \(sectors) 0 1 0 8 0 0 1 1\n8 1 sda1 1 0 \(sectors) 0 1 0 8 0 0 1 1\n253 0 dm-0 1 0 \(sectors) 0 1 0 8 0 0 1 1\n"
        )
        try root.write(
            "/proc/net/dev", "lo: 9\(received) 1 0 0 0 0 0 0 1 1 0 0\neth0: \(received) 1 0 0 0 0 0 0 1 1 0 0\n")
        try root.write("/proc/pressure/cpu", "some avg10=2.00 avg60=0.00 avg300=0.00 total=1\n")
        try root.write("/proc/pressure/memory", "some avg10=1.00 avg60=0.00 avg300=0.00 total=1\n")
        try root.write("/proc/pressure/io", "some avg10=3.00 avg60=0.00 avg300=0.00 total=1\n")
        try root.write("/proc/vmstat", "pgpgin \(sectors)\npgpgout 0\npswpin 0\npswpout 0\noom_kill 1\n")
        try root.write("/proc/net/snmp", "Tcp: CurrEstab OutSegs\nTcp: 4 \(received)\n")
        try root.write("/proc/net/sockstat", "sockets: used 9\nTCP: inuse 4 orphan 0 tw 2 alloc 5 mem 1\n")
        try root.write("/proc/sys/fs/file-nr", "64 0 1000\n")
        try root.write("/proc/self/cgroup", "0::/\n")
        try root.write("/proc/self/mountinfo", "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n")
    }

    /// A part that is not read now stays as it was, and its next rate is over the time since it was read.
    @Test func readsPartsNowAndThen() throws {
        let root = try FixtureRoot()
        let clock = StepClock()
        let sampler = HostSampler(root: root.path, monotonic: clock.read)
        try fill(root, user: 100, sectors: 8, received: 1000)
        _ = sampler.sample()
        clock.now += .seconds(1)
        try fill(root, user: 150, sectors: 2056, received: 2000)
        let second = sampler.sample(.cpu)
        #expect(second.rates?.cpu?.busy == 100)
        #expect(second.rates?.disk == nil)
        #expect(second.rates?.network == nil)
        #expect(second.reading.network?.receivedBytes == 1000, "as it was")
        clock.now += .seconds(1)
        try fill(root, user: 150, sectors: 4104, received: 3000)
        let third = sampler.sample([.disks, .network])
        #expect(third.rates?.disk?.readBytesPerSecond == 1_048_576, "over two seconds")
        #expect(third.rates?.network?.receivedBytesPerSecond == 1000)
        #expect(third.rates?.cpu?.busy == 100, "as it was")
        clock.now += .seconds(1)
        try root.write("/proc/meminfo", "nonsense")
        let fourth = sampler.sample([.cpu, .memory], of: [.cpu, .memory, .disks])
        #expect(fourth.reading.network == nil)
        #expect(fourth.reading.cpuPressure == nil)
        #expect(fourth.rates?.network == nil)
        #expect(fourth.rates?.disk?.readBytesPerSecond == 1_048_576)
        #expect(fourth.reading.openFiles?.used == 64, "always read")
        #expect(fourth.reading.problems.map(\.source).contains { $0.contains("meminfo") })
        clock.now += .seconds(1)
        try root.write("/proc/meminfo", "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 500 kB\n")
        let fifth = sampler.sample(.cpu, of: [.cpu, .memory, .disks])
        #expect(fifth.reading.problems.map(\.source).contains { $0.contains("meminfo") }, "it was not looked at")
        clock.now += .seconds(1)
        #expect(sampler.sample([.memory, .network]).reading.problems.isEmpty)
        // What was not watched for a while has no rate until it was read twice.
        clock.now += .seconds(1)
        try fill(root, user: 150, sectors: 4104, received: 5000)
        #expect(sampler.sample().rates?.network?.receivedBytesPerSecond == 2000)
    }

    @Test func knowsRatesFromTheSecondReadingOn() throws {
        let root = try FixtureRoot()
        let clock = StepClock()
        let sampler = HostSampler(root: root.path + "/", monotonic: clock.read)
        try fill(root, user: 100, sectors: 8, received: 1000)
        let first = sampler.sample()
        #expect(first.rates == nil)
        #expect(first.reading.problems.isEmpty)
        #expect(first.reading.memory?.usedPercent == 50)
        #expect(first.reading.load?.fiveMinutes == 2)
        #expect(first.reading.uptime == 5)
        #expect(first.reading.cpuPressure?.some.average10 == 2)
        #expect(first.reading.memoryPressure?.some.average10 == 1)
        #expect(first.reading.ioPressure?.some.average10 == 3)
        #expect(first.reading.virtualMemory?.oomKills == 1)
        #expect(first.reading.tcp?.established == 4)
        #expect(first.reading.sockets?.tcpTimeWait == 2)
        #expect(first.reading.openFiles?.used == 64)
        #expect(first.reading.controlGroup == nil)
        #expect(first.reading.temperatures.isEmpty)
        #expect(first.reading.rootFileSystem?.mount.path == "/")

        clock.now += .seconds(2)
        try fill(root, user: 300, sectors: 4104, received: 3000)
        let rates = try #require(sampler.sample().rates)
        #expect(rates.elapsed == .seconds(2))
        #expect(rates.cpu?.busy == 100)
        #expect(rates.cores?.map(\.usage?.busy) == [100])
        // sda only: neither its partition nor the volume on it.
        #expect(rates.disk?.readBytesPerSecond == 1_048_576)
        #expect(rates.disks?.map(\.name) == ["sda", "dm-0"])
        #expect(rates.network?.receivedBytesPerSecond == 1000)
        #expect(rates.virtualMemory?.pagedInBytesPerSecond == 2_097_152)
        #expect(rates.tcp?.sentSegmentsPerSecond == 1000)
        #expect(rates.controlGroup == nil)
    }

    @Test func knowsNoRatesWhenNoTimePassed() throws {
        let root = try FixtureRoot()
        let clock = StepClock()
        let sampler = HostSampler(root: root.path, monotonic: clock.read)
        try fill(root, user: 100, sectors: 8, received: 1000)
        _ = sampler.sample()
        #expect(sampler.sample().rates == nil)
        clock.now -= .seconds(1)
        #expect(sampler.sample().rates == nil)
        clock.now += .seconds(5)
        #expect(sampler.sample().rates != nil)
        sampler.reset()
        clock.now += .seconds(5)
        #expect(sampler.sample().rates == nil)
    }

    @Test func givesReasonsOnAMachineWithNothing() throws {
        let root = try FixtureRoot()
        let sampler = HostSampler(root: root.path)
        let reading = sampler.sample().reading
        #expect(reading.cpu == nil)
        #expect(reading.memory == nil)
        #expect(reading.disks == nil)
        #expect(reading.network == nil)
        #expect(reading.fileSystems == nil)
        #expect(reading.uptime == nil)
        #expect(reading.problems.count == 15)
        #expect(reading.problems.allSatisfy { $0.code == .missing && $0.underlyingCode == ENOENT })
    }

    @Test func losesAPartAndFindsItAgain() throws {
        let root = try FixtureRoot()
        let clock = StepClock()
        let sampler = HostSampler(root: root.path, monotonic: clock.read)
        _ = sampler.sample()
        try fill(root, user: 100, sectors: 8, received: 1000)
        clock.now += .seconds(1)
        let appeared = sampler.sample()
        #expect(appeared.reading.cpu != nil)
        #expect(appeared.rates?.cpu == nil)
        try root.write("/proc/stat", "")
        clock.now += .seconds(1)
        let lost = sampler.sample()
        #expect(lost.reading.problems == [ProbeError(.malformed, source: "/proc/stat")])
        #expect(lost.rates?.cpu == nil)
        #expect(lost.rates?.network != nil)
        try fill(root, user: 200, sectors: 8, received: 1000)
        clock.now += .seconds(1)
        #expect(sampler.sample().rates?.cpu == nil)
        try fill(root, user: 300, sectors: 8, received: 1000)
        clock.now += .seconds(1)
        #expect(sampler.sample().rates?.cpu?.busy == 100)
    }

    @Test func refusesAFolderAndAFileWithoutEnd() throws {
        let root = try FixtureRoot()
        try root.makeFolder("/proc/stat")
        try root.write("/proc/meminfo", [UInt8](repeating: 10, count: ReadBuffer.maximumBytes + 1))
        let problems = HostSampler(root: root.path).sample().reading.problems
        #expect(problems.contains(ProbeError(.unreadable, source: "/proc/stat", underlyingCode: EISDIR)))
        #expect(problems.contains(ProbeError(.tooLarge, source: "/proc/meminfo")))
    }

    /// Root may read every file, so what cannot be read here are folders.
    @Test(arguments: [
        "/proc/vmstat", "/proc/net/snmp", "/proc/net/sockstat", "/proc/sys/fs/file-nr", "/proc/pressure/io",
        "/proc/self/cgroup",
    ])
    func goesOnWithoutAFileThatCannotBeRead(file: String) throws {
        let root = try FixtureRoot()
        try fill(root, user: 100, sectors: 8, received: 1000)
        root.remove(file)
        try root.makeFolder(file)
        let sampler = HostSampler(root: root.path)
        #expect(
            sampler.sample().reading.problems == [ProbeError(.unreadable, source: file, underlyingCode: EISDIR)])
    }

    @Test func readsALongFileWhole() throws {
        let root = try FixtureRoot()
        let lines = (0..<4096).map { "cpu\($0) 1 2 3 4 5 6 7 8 9 10\n" }.joined()
        try root.write("/proc/stat", "cpu  1 2 3 4\n" + lines)
        #expect(HostSampler(root: root.path).sample().reading.cpu?.cores.count == 4096)
    }

    /// Damages every file in every way that the generator finds: nothing may crash, and percentages stay in range.
    @Test func survivesDamagedFiles() throws {
        var generator = SeededGenerator(state: 20_261_121)
        let root = try FixtureRoot()
        let clock = StepClock()
        let sampler = HostSampler(root: root.path, monotonic: clock.read)
        let files = [
            "stat", "meminfo", "zoneinfo", "loadavg", "uptime", "diskstats", "net/dev", "pressure/memory", "vmstat",
            "net/snmp", "net/sockstat",
            "sys/fs/file-nr", "self/cgroup", "self/mountinfo",
        ]
        try fill(root, user: 100, sectors: 8, received: 1000)
        try root.write("/proc/zoneinfo", "low 5\n")
        let originals = files.map { contents(root.path + "/proc/" + $0) }
        for _ in 0..<400 {
            for (file, original) in zip(files, originals) {
                try root.write("/proc/" + file, damaged(original, &generator))
            }
            clock.now += .milliseconds(Int64.random(in: 0...2000, using: &generator))
            let (reading, rates) = sampler.sample()
            if let cpu = rates?.cpu { #expect((0...100).contains(cpu.busy)) }
            if let memory = reading.memory { #expect((0...100).contains(memory.usedPercent)) }
            if let disk = rates?.disk { #expect((0...100).contains(disk.utilizationPercent)) }
        }
    }

    @Test func readsThisHost() throws {
        let sampler = HostSampler()
        let (first, none) = sampler.sample()
        #expect(none == nil)
        let start = HostSampler.monotonicClock()
        while HostSampler.monotonicClock() - start < .milliseconds(50) {}
        let (reading, measured) = sampler.sample()
        let rates = try #require(measured)
        let cpu = try #require(reading.cpu)
        #expect(cpu.cores.count == sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        #expect((0...100).contains(try #require(rates.cpu).busy))
        let memory = try #require(reading.memory)
        #expect(memory.total > 1 << 20)
        #expect((1..<memory.total).contains(memory.available))
        #expect(try #require(reading.uptime) > 0)
        let before = try #require(first.uptime)
        #expect(try #require(reading.uptime) >= before)
        #expect(try #require(reading.load).oneMinute >= 0)
        for usage in try #require(reading.fileSystems) {
            if let percent = usage.space?.usedPercent { #expect((0...100).contains(percent)) }
        }
        #expect(reading.network?.interfaces.contains { $0.kind == .loopback } == true)
        for disk in try #require(reading.disks) { #expect(!disk.name.isEmpty) }
    }

    private func contents(_ path: String) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return Array(bytes.prefix(max(count, 0)))
    }

    private func damaged(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 0...4, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.removeSubrange(place...)
            case 2: bytes.insert(contentsOf: "99999999999999999999".utf8.prefix(place % 21), at: place)
            case 3: bytes.insert(0x0a, at: place)
            case 4: bytes.remove(at: place)
            default: bytes.insert(contentsOf: bytes[..<place], at: place)
            }
        }
        return bytes
    }
}
