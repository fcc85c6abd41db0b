import Contracts
import Runtime
import Testing

@testable import Ingress

@Suite struct HostStateTests {
    private let now = SystemTime().now

    @Test func isStaleAfterThreeIntervalsInEitherDirection() {
        let state = HostState(sample: .example(at: now), heardAt: now)
        for (seconds, isStale) in [(0, false), (2, false), (4, true), (-2, false), (-4, true)] {
            #expect(state.isStale(now: now.advanced(by: .seconds(seconds)), interval: .seconds(1)) == isStale)
        }
    }

    /// A record that any writer of the topic may have made.
    @Test func anIntervalOfAgesIsADay() {
        var sample = HostSample.example(at: now)
        for interval in [1e300, Double(Int64.max), -1e300] {
            sample.interval = interval
            let state = HostState(sample: sample, heardAt: now)
            #expect(state.isStale(now: now.advanced(by: .seconds(4 * 86_400)), interval: .seconds(1)))
        }
    }

    @Test func anOlderSampleCountsOnlyAfterTheClockWasSetBack() {
        let past = now.advanced(by: .seconds(-3600))
        var state = HostState(sample: .example(at: now), heardAt: now)
        state.update(.example(at: past), heardAt: past, now: now)
        #expect(state.heardAt == now)
        state.update(.example(at: past), heardAt: past, now: past)
        #expect(state.heardAt == past)
        #expect(!state.isStale(now: past, interval: .seconds(1)))
    }
}
