import Testing

@testable import BusClients

@Suite struct ProducerLifetimeTests {
    /// 8 s to deliver: the client drains 1 s before the first deadline.
    private var lifetime = ProducerLifetime(deliveryTimeout: .seconds(8), now: .seconds(100))

    /// Seconds, exact to the millisecond.
    private func time(_ seconds: Double) -> Duration { .milliseconds(Int((seconds * 1000).rounded())) }

    private func view(
        at now: Double, oldest: Double? = nil, isIdle: Bool = false, isEnqueuing: Bool = false, isBroken: Bool = false,
        isClosing: Bool = false
    ) -> ProducerLifetime.View {
        ProducerLifetime.View(
            now: time(now), oldestDeadline: { oldest.map(time) }, isIdle: { isIdle },
            isEnqueuing: { isEnqueuing }, isBroken: isBroken, isClosing: isClosing)
    }

    @Test mutating func waitsForAsLongAsNoAppendCanBeDue() {
        #expect(lifetime.next(view(at: 100)) == .wait(until: time(103)))
        #expect(lifetime.next(view(at: 101, oldest: 101.5)) == .wait(until: time(103)))
    }

    @Test mutating func looksAgainBeforeTheOldestDeadline() {
        #expect(lifetime.next(view(at: 100, oldest: 102)) == .wait(until: time(101)))
        #expect(lifetime.next(view(at: 101, oldest: 106)) == .wait(until: time(104)))
    }

    @Test mutating func drainsAndPurgesAtTheDeadline() {
        #expect(lifetime.next(view(at: 100, oldest: 100.5)) == .retire)
        #expect(lifetime.next(view(at: 100.1)) == .wait(until: time(100.5)))
        #expect(lifetime.next(view(at: 100.5)) == .purge)
        #expect(lifetime.next(view(at: 100.6)) == .wait(until: time(102.5)))
        #expect(lifetime.next(view(at: 100.7, isIdle: true)) == .end)
        #expect(lifetime.next(view(at: 101)) == .end)
    }

    @Test mutating func endsWithoutAPurgeWhenEverythingEnded() {
        #expect(lifetime.next(view(at: 100, oldest: 100.5)) == .retire)
        #expect(lifetime.next(view(at: 100.1, isIdle: true)) == .end)
    }

    @Test mutating func doesNotPurgeBetweenTheRecordsOfACall() {
        #expect(lifetime.next(view(at: 100, oldest: 100.5)) == .retire)
        #expect(lifetime.next(view(at: 100.5, isEnqueuing: true)) == .wait(until: time(100.505)))
        #expect(lifetime.next(view(at: 100.6)) == .purge)
    }

    @Test mutating func abandonsWhatNeverReports() {
        #expect(lifetime.next(view(at: 100, oldest: 100)) == .retire)
        #expect(lifetime.next(view(at: 100)) == .purge)
        #expect(lifetime.next(view(at: 102)) == .end)
    }

    @Test mutating func givesABrokenClientATimeForWhatIsOnItsWay() {
        #expect(lifetime.next(view(at: 100, isBroken: true)) == .retire)
        #expect(lifetime.next(view(at: 100, isBroken: true)) == .wait(until: time(101)))
    }

    @Test mutating func closesWithinAFewSeconds() {
        #expect(lifetime.next(view(at: 100, isClosing: true)) == .retire)
        #expect(lifetime.next(view(at: 101, isClosing: true)) == .wait(until: time(105)))
        #expect(lifetime.next(view(at: 105, isClosing: true)) == .purge)
    }
}
