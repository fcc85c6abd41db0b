import Testing

@testable import HostProbe

@Suite struct CPUUsageTests {
    private func times(
        user: UInt64 = 0, nice: UInt64 = 0, system: UInt64 = 0, idle: UInt64 = 0, iowait: UInt64 = 0,
        irq: UInt64 = 0, softirq: UInt64 = 0, steal: UInt64 = 0, guest: UInt64 = 0, guestNice: UInt64 = 0
    ) -> CPUTimes {
        var times = CPUTimes()
        times.user = user
        times.nice = nice
        times.system = system
        times.idle = idle
        times.iowait = iowait
        times.irq = irq
        times.softirq = softirq
        times.steal = steal
        times.guest = guest
        times.guestNice = guestNice
        return times
    }

    private func compare(_ old: CPUTimes, _ new: CPUTimes) -> CPUUsage? {
        .between(old, new, ticksPerSecond: 100)
    }

    @Test func countsStealAndInterruptsAsBusyAndIowaitAsIdle() throws {
        let new = times(user: 10, nice: 5, system: 15, idle: 40, iowait: 10, irq: 5, softirq: 5, steal: 10)
        let usage = try #require(compare(times(), new))
        #expect(usage.busy == 50)
        #expect(usage.steal == 10)
        #expect(usage.iowait == 10)
        #expect(usage.idle == 40)
    }

    @Test func countsGuestTimeOnce() throws {
        // All of the user time was spent in a guest: half busy, not two thirds.
        let usage = try #require(compare(times(), times(user: 50, idle: 50, guest: 50)))
        #expect(usage.busy == 50)
        #expect(usage.user == 50)
        #expect(usage.guest == 50)
    }

    @Test func takesAFieldThatDecreasedAsUnchanged() throws {
        let old = times(user: 100, idle: 1000, iowait: 500)
        let usage = try #require(compare(old, times(user: 150, idle: 1050, iowait: 400)))
        #expect(usage.busy == 50)
        #expect(usage.iowait == 0)
    }

    @Test func takesASmallDecreaseOfIdleAsUnchanged() throws {
        let usage = try #require(compare(times(user: 0, idle: 1000), times(user: 10, idle: 700)))
        #expect(usage.busy == 100)
        #expect(usage.idle == 0)
    }

    @Test func startsAgainWhenIdleFallsByMoreThanThreeSeconds() {
        #expect(compare(times(user: 0, idle: 1000), times(user: 10, idle: 699)) == nil)
    }

    @Test func isNothingWhenNoTickPassed() {
        #expect(compare(times(user: 5, idle: 5), times(user: 5, idle: 5)) == nil)
    }

    @Test func staysWithinAHundredAtTheLargestCounters() throws {
        let new = times(user: .max, nice: .max, system: .max, idle: 1, iowait: 0, steal: .max, guest: .max)
        let usage = try #require(compare(times(), new))
        #expect(usage.busy <= 100)
        #expect(usage.guest <= 100)
    }

    @Test func comparesEachOf256Cores() throws {
        func stat(_ scale: Int) -> String {
            (0..<256).reduce(into: "cpu  \(scale * 256) 0 0 0\n") { text, core in
                text += "cpu\(core) \(scale * core) 0 0 \(scale * (255 - core)) 0 0 0 0 0 0\n"
            }
        }
        let old = try #require(withBytes(stat(1)) { CPUReading(stat: $0, expectedCores: 1) })
        let new = try #require(withBytes(stat(2)) { CPUReading(stat: $0, expectedCores: 256) })
        let usages = CoreUsage.between(old, new, ticksPerSecond: 100)
        #expect(usages.map(\.id) == Array(0..<256))
        #expect(usages[0].usage?.busy == 0)
        #expect(usages[51].usage?.busy == 20)
        #expect(usages[255].usage?.busy == 100)
    }

    @Test func splitsTheTimeIntoPartsThatMakeItWhole() throws {
        let new = times(
            user: 30, nice: 10, system: 20, idle: 20, iowait: 8, irq: 4, softirq: 6, steal: 2, guest: 12, guestNice: 5)
        let usage = try #require(compare(times(), new))
        #expect(
            [usage.user, usage.nice, usage.system, usage.idle, usage.iowait, usage.irq, usage.softirq, usage.steal]
                == [30, 10, 20, 20, 8, 4, 6, 2])
        #expect(usage.guest == 17)
        #expect(usage.busy == 72)
    }

    @Test func comparesCoresByIdAcrossHotPlug() {
        func core(_ id: Int, _ user: UInt64, _ idle: UInt64) -> CPUReading.Core {
            CPUReading.Core(id: id, times: times(user: user, idle: idle))
        }
        let old = CPUReading(total: CPUTimes(), cores: [core(0, 0, 0), core(1, 0, 9000), core(2, 0, 0)])
        let new = CPUReading(total: CPUTimes(), cores: [core(0, 1, 3), core(2, 3, 1), core(3, 5, 5)])
        let usages = CoreUsage.between(old, new, ticksPerSecond: 100)
        #expect(usages.map(\.id) == [0, 2, 3])
        #expect(usages.map(\.usage?.busy) == [25, 75, nil])
        // Core 1 comes back with its counters reset.
        let later = CPUReading(total: CPUTimes(), cores: [core(0, 2, 6), core(1, 1, 10), core(2, 6, 2)])
        let back = CoreUsage.between(old, later, ticksPerSecond: 100)
        #expect(back.map(\.usage?.busy) == [25, nil, 75])
    }
}
