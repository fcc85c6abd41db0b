import Testing

@testable import HostProbe

@Suite struct CPUFrequencyTests {
    private let buffer = ReadBuffer()
    private let folder = "/sys/devices/system/cpu/cpufreq/"

    private func policy(_ root: FixtureRoot, _ number: Int, _ processors: String, _ kilohertz: String) throws {
        try root.write("\(folder)policy\(number)/affected_cpus", processors + "\n")
        try root.write("\(folder)policy\(number)/scaling_cur_freq", kilohertz + "\n")
    }

    @Test func isTheMeanOfTheProcessors() throws {
        let root = try FixtureRoot()
        let clock = StepClock()
        // Three efficient processors share a clock; a fast one has its own; one policy has only offline ones.
        try policy(root, 0, "0 1 2", "1000000")
        try policy(root, 3, "3", "3000000")
        try policy(root, 4, "", "<unknown>")
        let probe = CPUFrequencyProbe(root: root.path, monotonic: clock.read)
        #expect(probe.read(buffer, online: CPUList(0...3), at: clock.now) == 1500)
    }

    @Test func isReadSeldom() throws {
        let root = try FixtureRoot()
        let clock = StepClock()
        try policy(root, 0, "0 1", "2000000")
        let probe = CPUFrequencyProbe(root: root.path, monotonic: clock.read)
        let online = CPUList(0...1)
        #expect(probe.read(buffer, online: online, at: clock.now) == 2000)
        try policy(root, 0, "0 1", "2500000")
        clock.now += .seconds(9)
        #expect(probe.read(buffer, online: online, at: clock.now) == 2000)
        clock.now += .seconds(1)
        #expect(probe.read(buffer, online: online, at: clock.now) == 2500)
        try policy(root, 0, "0", "800000")
        // At once when a processor was unplugged.
        #expect(probe.read(buffer, online: CPUList([0]), at: clock.now) == 800)
    }

    @Test func isReadMoreSeldomWhereItIsSlow() throws {
        let root = try FixtureRoot()
        try policy(root, 0, "0", "2000000")
        // Each look at the clock finds it 2 ms later: so long does a reading take.
        let clock = StepClock()
        let probe = CPUFrequencyProbe(
            root: root.path,
            monotonic: {
                clock.now += .milliseconds(2)
                return clock.now
            })
        let online = CPUList([0])
        let start = clock.now
        #expect(probe.read(buffer, online: online, at: start) == 2000)
        try policy(root, 0, "0", "1000000")
        #expect(probe.read(buffer, online: online, at: start + .seconds(39)) == 2000)
        #expect(probe.read(buffer, online: online, at: start + .seconds(40)) == 1000)
    }

    @Test func takesThatOfCPUInfoWithoutADriver() throws {
        let root = try FixtureRoot()
        let clock = StepClock()
        let probe = CPUFrequencyProbe(root: root.path, monotonic: clock.read)
        let online = CPUList(0...1)
        #expect(probe.read(buffer, online: online, at: clock.now) == nil)
        try root.write(
            "/proc/cpuinfo",
            "processor\t: 0\ncpu MHz\t\t: 2000.500\nphysical id\t: 0\n\nprocessor\t: 1\ncpu MHz\t\t: 3000.500\n\n")
        clock.now += .seconds(10)
        #expect(probe.read(buffer, online: online, at: clock.now) == 2500.5)
        // Its driver is loaded.
        try policy(root, 0, "0 1", "1200000")
        clock.now += .seconds(10)
        #expect(probe.read(buffer, online: online, at: clock.now) == 1200)
        try root.write(folder + "policy0/scaling_cur_freq", "")
        try root.write("/proc/cpuinfo", "")
        clock.now += .seconds(10)
        #expect(probe.read(buffer, online: online, at: clock.now) == nil)
    }

    @Test func pausesForAsLongAsItsCostAsksFor() {
        var schedule = SparseSchedule(longest: .seconds(60))
        #expect(schedule.isDue(at: .seconds(5)))
        schedule.finish(at: .seconds(5), cost: .microseconds(100))
        #expect(!schedule.isDue(at: .seconds(14)))
        #expect(schedule.isDue(at: .seconds(15)))
        schedule.finish(at: .seconds(15), cost: .milliseconds(1))
        #expect(!schedule.isDue(at: .seconds(34)))
        #expect(schedule.isDue(at: .seconds(35)))
        schedule.finish(at: .seconds(35), cost: .seconds(1))
        #expect(!schedule.isDue(at: .seconds(94)))
        #expect(schedule.isDue(at: .seconds(95)))
        // A clock that was set back.
        #expect(schedule.isDue(at: .seconds(34)))
    }
}
