import Testing

@testable import HostProbe

@Suite struct DiskProbeTests {
    private let buffer = ReadBuffer()

    private let diskstats = """
           7       0 loop0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
           7       1 loop1 5 0 40 1 0 0 0 0 0 1 1
           8       0 sda 100 5 800 30 200 6 1600 40 0 500 70 0 0 0 0
           8       1 sda1 90 5 700 30 190 6 1500 40 0 480 70
         253       0 dm-0 90 0 700 30 190 0 1500 40 0 480 70
         259       0 nvme0n1 10 0 80 3 20 0 160 4 0 50 7
         259       1 nvme0n1p1 10 0 80 3 20 0 160 4 0 50 7
         254       0 zram0 9 0 72 0 9 0 72 0 0 9 9
           9       0 short 1 2 3
           x       0 sdb 100 5 800 30 200 6 1600 40 0 500 70
           8      16 sdc 100 5 800 30 200 6 1600 40 0 many 70

        """

    @Test func keepsWholeDevicesThatWereUsed() throws {
        let root = try FixtureRoot()
        try root.write("/proc/diskstats", diskstats)
        for name in ["loop0", "loop1", "sda", "dm-0", "nvme0n1", "zram0"] {
            try root.makeFolder("/sys/block/\(name)/slaves")
        }
        try root.makeFolder("/sys/block/dm-0/slaves/sda1")
        let disks = try DiskProbe(root: root.path).read(buffer)
        #expect(disks.map(\.name) == ["loop1", "sda", "dm-0", "nvme0n1", "zram0"])
        #expect(disks.filter { $0.kind == .whole }.map(\.name) == ["sda", "nvme0n1"])
        let sda = try #require(disks.first { $0.name == "sda" })
        #expect(sda.reads == 100)
        #expect(sda.readSectors == 800)
        #expect(sda.writes == 200)
        #expect(sda.writtenSectors == 1600)
        #expect(sda.readMilliseconds == 30)
        #expect(sda.writeMilliseconds == 40)
        #expect(sda.busyMilliseconds == 500)
        #expect(sda.queuedMilliseconds == 70)
    }

    @Test func goesByNameWithoutSysfs() throws {
        let root = try FixtureRoot()
        try root.write("/proc/diskstats", diskstats)
        let disks = try DiskProbe(root: root.path).read(buffer)
        #expect(disks.filter { $0.kind == .whole }.map(\.name) == ["sda", "nvme0n1"])
        #expect(!disks.contains { $0.name == "sda1" || $0.name == "nvme0n1p1" })
    }

    @Test func seesADeviceMadeOfOthersByItsSlaves() throws {
        let root = try FixtureRoot()
        try root.write("/proc/diskstats", "9 0 vg!data 1 0 8 0 1 0 8 0 0 1 1\n9 1 c/d0 1 0 8 0 1 0 8 0 0 1 1\n")
        try root.makeFolder("/sys/block/vg!data/slaves/sda")
        try root.makeFolder("/sys/block/c!d0")
        let disks = try DiskProbe(root: root.path).read(buffer)
        #expect(disks.map(\.kind) == [.stacked, .whole])
    }

    @Test(
        arguments: [
            ("sda", .whole), ("sda1", nil), ("sdaa12", nil), ("vdb", .whole), ("xvda1", nil), ("nvme0n1", .whole),
            ("nvme10n2p3", nil), ("nvme0c1n1", .stacked), ("mmcblk0", .whole), ("mmcblk0p1", nil),
            ("mmcblk0boot0", .whole),
            ("md127", .stacked), ("md127p1", nil), ("dm-3", .stacked), ("loop7", .stacked), ("loop7p1", nil),
            ("zram0", .stacked), ("sr0", .whole), ("nbd0", .whole), ("nbd0p1", nil), ("nvme", .whole), ("", .whole),
        ] as [(String, DiskCounters.Kind?)])
    func knowsWhatANameSays(name: String, kind: DiskCounters.Kind?) {
        #expect(DeviceName.kind(of: name) == kind)
    }

    @Test func computesRates() throws {
        let old = DiskCounters(
            name: "sda", reads: 10, readSectors: 100, writes: 20, writtenSectors: 200, busyMilliseconds: 1000)
        let new = DiskCounters(
            name: "sda", reads: 30, readSectors: 4196, writes: 60, writtenSectors: 2248, busyMilliseconds: 2000)
        let rates = try #require(DiskRates.between(old, new, seconds: 2))
        #expect(rates.readsPerSecond == 10)
        #expect(rates.writesPerSecond == 20)
        #expect(rates.readBytesPerSecond == 1_048_576)
        #expect(rates.writtenBytesPerSecond == 524_288)
        #expect(rates.utilizationPercent == 50)
        #expect(DiskRates.between(new, old, seconds: 2) == nil)
    }

    private func counters(reads: UInt64, readTime: UInt64, queued: UInt64, busy: UInt64 = 0) -> DiskCounters {
        DiskCounters(
            name: "sda", reads: reads, readSectors: 0, writes: 0, writtenSectors: 0, readMilliseconds: readTime,
            busyMilliseconds: busy, queuedMilliseconds: queued)
    }

    @Test func computesLatencyAndQueue() throws {
        let old = counters(reads: 10, readTime: 100, queued: 1000)
        let new = counters(reads: 50, readTime: 300, queued: 6000)
        var rates = try #require(DiskRates.between(old, new, seconds: 2))
        #expect(rates.readLatencyMilliseconds == 5)
        #expect(rates.writeLatencyMilliseconds == nil)
        #expect(rates.queueLength == 2.5)
        // A second device with 120 reads of 1 ms each: the mean is over the requests, not over the devices.
        let other = try #require(
            DiskRates.between(
                counters(reads: 0, readTime: 0, queued: 0), counters(reads: 120, readTime: 120, queued: 1000),
                seconds: 2))
        rates.add(other)
        #expect(rates.readLatencyMilliseconds == 2)
        #expect(rates.queueLength == 3)
    }

    @Test func goesOnWhereTimesOf32BitsBeginAgain() throws {
        let old = counters(reads: 1, readTime: 4_294_967_286, queued: 4_294_966_296, busy: 4_294_967_046)
        let new = counters(reads: 3, readTime: 10, queued: 1000, busy: 250)
        let rates = try #require(DiskRates.between(old, new, seconds: 1))
        #expect(rates.readLatencyMilliseconds == 10)
        #expect(rates.queueLength == 2)
        #expect(rates.utilizationPercent == 50)
        // Far from its end it did not pass it, but started again.
        #expect(DiskRates.between(counters(reads: 1, readTime: 9000, queued: 0), new, seconds: 1) == nil)
    }

    @Test func staysWithinAHundredPercent() throws {
        let old = DiskCounters(
            name: "sda", reads: 0, readSectors: 0, writes: 0, writtenSectors: 0, busyMilliseconds: 0)
        var new = old
        new.busyMilliseconds = 1010
        #expect(try #require(DiskRates.between(old, new, seconds: 1)).utilizationPercent == 100)
    }
}
