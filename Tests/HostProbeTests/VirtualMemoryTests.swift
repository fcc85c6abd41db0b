import Glibc
import Testing

@testable import HostProbe

@Suite struct VirtualMemoryTests {
    private func parse(_ text: String) -> VirtualMemoryCounters? {
        withBytes(text) { VirtualMemoryCounters(vmstat: $0) }
    }

    private let vmstat = """
        nr_free_pages 1399457
        pgpgin 41346801
        pgpgout 284693344
        pgpgoutx 1
        pswpin 12
        pswpout 34
        pgalloc_dma 5
        pgfault 99
        pgmajfault 215393
        oom_kill 2

        """

    @Test func readsItsLinesOnly() throws {
        let counters = try #require(parse(vmstat))
        #expect(counters.pagedIn == 41_346_801)
        #expect(counters.pagedOut == 284_693_344)
        #expect(counters.swappedIn == 12)
        #expect(counters.swappedOut == 34)
        #expect(counters.majorFaults == 215_393)
        #expect(counters.oomKills == 2)
    }

    @Test func knowsNoOOMKillsOfAnOldKernel() throws {
        let counters = try #require(parse("pgpgin 1\npgmajfault x\n"))
        #expect(counters.pagedIn == 1)
        #expect(counters.majorFaults == nil)
        #expect(counters.oomKills == nil)
    }

    @Test func computesRatesOfWhatBothReadingsHave() {
        var old = VirtualMemoryCounters()
        old.pagedIn = 100
        old.pagedOut = 500
        old.swappedIn = 10
        old.swappedOut = 10
        old.majorFaults = 7
        var new = VirtualMemoryCounters()
        new.pagedIn = 300
        new.pagedOut = 499
        new.swappedIn = 14
        new.swappedOut = 10
        new.oomKills = 1
        let rates = VirtualMemoryRates.between(old, new, seconds: 2, pageSize: 4096)
        #expect(rates.pagedInBytesPerSecond == 102_400)
        // It went backwards.
        #expect(rates.pagedOutBytesPerSecond == nil)
        #expect(rates.swappedInBytesPerSecond == 8192)
        #expect(rates.swappedOutBytesPerSecond == 0)
        #expect(rates.majorFaultsPerSecond == nil)
        #expect(rates.oomKillsPerSecond == nil)
    }

    @Test func saysWhyThereIsNone() throws {
        let root = try FixtureRoot()
        let probe = VirtualMemoryProbe(root: root.path)
        let buffer = ReadBuffer()
        #expect(throws: ProbeError(.missing, source: "/proc/vmstat", underlyingCode: ENOENT)) {
            try probe.read(buffer)
        }
        try root.write("/proc/vmstat", "nr_free_pages 5\n")
        #expect(throws: ProbeError(.malformed, source: "/proc/vmstat")) { try probe.read(buffer) }
    }
}
