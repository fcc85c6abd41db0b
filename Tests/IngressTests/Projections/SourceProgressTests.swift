import Testing

@testable import Ingress

@Suite struct SourceProgressTests {
    @Test func isCaughtUpWhenTheFirstEndIsReached() {
        let progress = SourceProgress(now: .zero)
        #expect(!progress.start(at: [0: 3], end: [0..<5, 0..<0], now: .zero))
        #expect(!progress.isCaughtUp)
        #expect(!progress.advance(to: [0: 4], now: .zero))
        #expect(progress.lag(end: [0..<9, 0..<2]) == 7)
        #expect(progress.advance(to: [0: 5], now: .zero))
        #expect(progress.isCaughtUp)
        #expect(!progress.advance(to: [0: 6], now: .zero))
    }

    @Test func anEmptySourceIsCaughtUpAtOnce() {
        #expect(SourceProgress(now: .zero).start(at: [:], end: [7..<7], now: .zero))
    }

    @Test func deletedRecordsAreNotWaitedFor() {
        let progress = SourceProgress(now: .zero)
        _ = progress.start(at: [:], end: [5..<8], now: .zero)
        #expect(progress.lag(end: [5..<8]) == 3)
    }

    @Test func silenceEndsTheCatchingUp() {
        let progress = SourceProgress(now: .zero)
        #expect(progress.settle(quiet: .seconds(3), now: .seconds(60)) == .seconds(3))
        _ = progress.start(at: [:], end: [0..<5], now: .seconds(60))
        #expect(progress.settle(quiet: .seconds(3), now: .seconds(61)) == .seconds(2))
        #expect(!progress.advance(to: [0: 4], now: .seconds(62)))
        #expect(progress.settle(quiet: .seconds(3), now: .seconds(64)) == .seconds(1))
        #expect(progress.settle(quiet: .seconds(3), now: .seconds(65)) == nil)
        #expect(progress.isCaughtUp)
    }
}
