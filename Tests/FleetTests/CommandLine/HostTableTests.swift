import Contracts
import Runtime
import Testing

@testable import flotilla

@Suite struct HostTableTests {
    private let start = Timestamp(microseconds: 1_795_230_000_000_000)

    private func sample(_ host: String, at seconds: Int, cpu: Double?) -> HostSample {
        HostSample(
            host: host, timestamp: start.advanced(by: .seconds(seconds)), interval: 1, uptime: 90_000,
            cpu: CPUSample(busyPercent: cpu, load1: 0.5), memory: MemorySample(used: 1 << 30, usedPercent: 50))
    }

    private func lines(_ samples: [HostSample], now seconds: Int) -> [String] {
        var hosts = HostTable()
        for sample in samples { hosts.update(sample) }
        return hosts.table(now: start.advanced(by: .seconds(seconds))).lines(TextStyle(isEnabled: false))
    }

    @Test func showsTheNewestSampleOfEachHostByName() {
        let lines = lines(
            [sample("b", at: 1, cpu: 20), sample("a", at: 1, cpu: nil), sample("b", at: 0, cpu: 99)], now: 1)
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("HOST"))
        #expect(lines[1].hasPrefix("a ") && lines[1].contains("–"))
        #expect(lines[2].hasPrefix("b ") && lines[2].contains("20.0%") && lines[2].contains("1.0 GiB"))
        #expect(lines[2].hasSuffix("1d 1h  now"))
    }

    @Test func anOldSampleIsStaleAndAFutureOneHasNoNegativeAge() {
        #expect(lines([sample("a", at: 0, cpu: 1)], now: 10)[1].hasSuffix("10s stale"))
        #expect(lines([sample("a", at: 3600, cpu: 1)], now: 0)[1].hasSuffix("now"))
    }
}
