import Testing

@testable import DeviceConnector

/// What may be committed is what nothing before is open of.
@Suite struct OffsetTrackerTests {
    @Test func commitsUpToTheFirstOpenRecord() {
        var tracker = OffsetTracker()
        let taken = (Int64(5)...8).map { tracker.take($0, of: 0) }
        #expect(taken == [true, true, true, true])
        #expect(tracker.due == [0: 5])
        tracker.settle(6, of: 0)
        tracker.settle(5, of: 0)
        #expect(tracker.due == [0: 7])
        tracker.committed([0: 7])
        #expect(tracker.due == [:])
        tracker.settle(8, of: 0)
        #expect(tracker.due == [:])
        tracker.settle(7, of: 0)
        #expect(tracker.due == [0: 9])
    }

    @Test func takesARecordOnce() {
        var tracker = OffsetTracker()
        var taken = (0..<2).map { _ in tracker.take(0, of: 3) }
        tracker.settle(0, of: 3)
        taken.append(tracker.take(0, of: 3))
        #expect(taken == [true, false, false])
        #expect(tracker.due == [3: 1])
    }

    @Test func aPartitionThatCameBackIsTakenFromItsCommitOn() {
        var tracker = OffsetTracker()
        let taken = [tracker.take(4, of: 0), tracker.take(9, of: 1)]
        #expect(taken == [true, true])
        tracker.keep([1])
        #expect(tracker.due == [1: 9])
        tracker.settle(4, of: 0)
        let isTakenAgain = tracker.take(4, of: 0)
        #expect(isTakenAgain)
    }
}
