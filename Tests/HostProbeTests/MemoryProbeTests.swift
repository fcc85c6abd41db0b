import Glibc
import Testing

@testable import HostProbe

@Suite struct MemoryProbeTests {
    private let buffer = ReadBuffer()

    private let meminfo = """
        MemTotal:       16000000 kB
        MemFree:         1000000 kB
        MemAvailable:    9000000 kB
        Buffers:          200000 kB
        Cached:          5000000 kB
        SwapCached:            7 kB
        Active(file):    3000000 kB
        Inactive(file):  2000000 kB
        SwapTotal:       4000000 kB
        SwapFree:        3000000 kB
        Dirty:               100 kB
        Shmem:            300000 kB
        SReclaimable:     400000 kB
        HugePages_Total:       0

        """

    private func read(_ root: FixtureRoot) throws -> MemoryReading { try MemoryProbe(root: root.path).read(buffer) }

    @Test func readsWhatTheKernelSays() throws {
        let root = try FixtureRoot()
        try root.write("/proc/meminfo", meminfo)
        let memory = try read(root)
        #expect(memory.total == 16_000_000 << 10)
        #expect(memory.available == 9_000_000 << 10)
        #expect(!memory.isAvailableEstimated)
        #expect(memory.used == 7_000_000 << 10)
        #expect(memory.usedPercent == 43.75)
        #expect(memory.buffers == 200_000 << 10)
        #expect(memory.cached == 5_000_000 << 10)
        #expect(memory.shared == 300_000 << 10)
        #expect(memory.swapUsed == 1_000_000 << 10)
        #expect(memory.swapUsedPercent == 25)
    }

    @Test(arguments: [true, false])
    func computesWhatIsAvailableWhenItIsMissingOrZero(isMissing: Bool) throws {
        let root = try FixtureRoot()
        let line = "MemAvailable:    9000000 kB\n"
        try root.write(
            "/proc/meminfo", meminfo.replacing(line, with: isMissing ? "" : "MemAvailable: 0 kB\n"))
        let page = UInt64(sysconf(Int32(_SC_PAGESIZE)))
        let zones =
            "Node 0, zone DMA\n  pages free 10\n        min 1\n        low      100\n        high 200\n"
            + "Node 0, zone Normal\n        low      12400\n"
        try root.write("/proc/zoneinfo", zones)
        let low = 12500 * page
        let memory = try read(root)
        let file: UInt64 = 5_000_000 << 10
        let slab: UInt64 = 400_000 << 10
        let free: UInt64 = 1_000_000 << 10
        let expected = free - low + (file - min(file / 2, low)) + (slab - min(slab / 2, low))
        #expect(memory.available == expected)
        #expect(memory.isAvailableEstimated)
    }

    @Test func takesFreeAndCachedWithoutWatermarks() throws {
        let root = try FixtureRoot()
        try root.write("/proc/meminfo", "MemTotal: 1000 kB\nMemFree: 100 kB\nCached: 300 kB\n")
        #expect(try read(root).available == 400 << 10)
    }

    @Test func isNeverMoreThanTheTotalNorLessThanNothing() throws {
        let root = try FixtureRoot()
        try root.write("/proc/meminfo", "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 9000 kB\n")
        #expect(try read(root).available == 100 << 10)
        try root.write(
            "/proc/meminfo", "MemTotal: 1000 kB\nMemFree: 100 kB\nActive(file): 10 kB\nInactive(file): 10 kB\n")
        try root.write("/proc/zoneinfo", "low 1000000\n")
        #expect(try read(root).available == 0)
    }

    @Test func knowsNoSwapPercentageWithoutSwap() throws {
        let root = try FixtureRoot()
        try root.write("/proc/meminfo", "MemTotal: 1000 kB\nMemFree: 100 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n")
        let memory = try read(root)
        #expect(memory.swapTotal == 0)
        #expect(memory.swapUsed == 0)
        #expect(memory.swapUsedPercent == nil)
    }

    @Test func ignoresMalformedLines() throws {
        let root = try FixtureRoot()
        try root.write(
            "/proc/meminfo",
            "MemTotal\nMemTotal: 1000 kB\nMemFree: 10 kB\nBuffers: lots kB\nCached:\n: 5\nDirty: 18446744073709551615 kB\n"
        )
        let memory = try read(root)
        #expect(memory.buffers == nil)
        #expect(memory.cached == nil)
        #expect(memory.dirty == nil)
    }

    @Test func saysWhyThereIsNone() throws {
        let root = try FixtureRoot()
        #expect(throws: ProbeError(.missing, source: "/proc/meminfo", underlyingCode: ENOENT)) { try read(root) }
        try root.write("/proc/meminfo", "nonsense\n")
        #expect(throws: ProbeError(.malformed, source: "/proc/meminfo")) { try read(root) }
        try root.write("/proc/meminfo", "MemTotal: 0 kB\nMemFree: 0 kB\n")
        #expect(throws: ProbeError(.malformed, source: "/proc/meminfo")) { try read(root) }
    }
}
