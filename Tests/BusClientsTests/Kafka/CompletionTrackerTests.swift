import BusClients
import Testing

@Suite struct CompletionTrackerTests {
    @Test func commitsNothingBeforeTheFirstIsDone() {
        var tracker = CompletionTracker()
        for offset in 5..<8 { tracker.began(LogPosition(partition: 0, offset: Int64(offset))) }
        tracker.completed(LogPosition(partition: 0, offset: 6))
        tracker.completed(LogPosition(partition: 0, offset: 7))
        #expect(tracker.committable == [:])
        #expect(tracker.inHand == 1)
        tracker.completed(LogPosition(partition: 0, offset: 5))
        #expect(tracker.committable == [0: 8])
        #expect(tracker.inHand == 0)
    }

    @Test func skipsOffsetsThatWereNeverHandedOut() {
        var tracker = CompletionTracker()
        for offset in [3, 10, 11] { tracker.began(LogPosition(partition: 1, offset: Int64(offset))) }
        tracker.completed(LogPosition(partition: 1, offset: 3))
        #expect(tracker.committable == [1: 4])
        tracker.completed(LogPosition(partition: 1, offset: 10))
        #expect(tracker.committable == [1: 11])
    }

    @Test func keepsPartitionsApart() {
        var tracker = CompletionTracker()
        for partition in 0..<3 { tracker.began(LogPosition(partition: partition, offset: 0)) }
        tracker.completed(LogPosition(partition: 2, offset: 0))
        #expect(tracker.committable == [2: 1])
        #expect(tracker.inHand == 2)
    }

    @Test func forgetsALostPartition() {
        var tracker = CompletionTracker()
        tracker.began(LogPosition(partition: 0, offset: 0))
        tracker.began(LogPosition(partition: 0, offset: 1))
        tracker.completed(LogPosition(partition: 0, offset: 0))
        tracker.lost(0)
        #expect(tracker.committable == [:])
        tracker.completed(LogPosition(partition: 0, offset: 1))
        #expect(tracker.committable == [:])
    }

    @Test func takesRecordsThatComeASecondTime() {
        var tracker = CompletionTracker()
        for offset in 0..<4 { tracker.began(LogPosition(partition: 0, offset: Int64(offset))) }
        tracker.completed(LogPosition(partition: 0, offset: 0))
        // The partition came back at its last commit: 1 and what follows is delivered again.
        for offset in 1..<3 { tracker.began(LogPosition(partition: 0, offset: Int64(offset))) }
        tracker.completed(LogPosition(partition: 0, offset: 1))
        tracker.completed(LogPosition(partition: 0, offset: 2))
        #expect(tracker.committable == [0: 3])
        #expect(tracker.inHand == 0)
    }

    @Test func ignoresWhatItDoesNotKnow() {
        var tracker = CompletionTracker()
        tracker.completed(LogPosition(partition: 9, offset: 4))
        tracker.began(LogPosition(partition: 0, offset: 4))
        tracker.completed(LogPosition(partition: 0, offset: 3))
        tracker.completed(LogPosition(partition: 0, offset: 4))
        tracker.completed(LogPosition(partition: 0, offset: 4))
        #expect(tracker.committable == [0: 5])
    }

    @Test(arguments: [1, 2, 3]) func agreesWithASlowCount(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        var tracker = CompletionTracker()
        var open: Set<Int64> = []
        var next: Int64 = 0
        for _ in 0..<20_000 {
            if open.count < 100, Bool.random(using: &random) || open.isEmpty {
                tracker.began(LogPosition(partition: 0, offset: next))
                open.insert(next)
                next += 1
            } else if let done = open.randomElement(using: &random) {
                tracker.completed(LogPosition(partition: 0, offset: done))
                open.remove(done)
            }
            let expected = open.min() ?? next
            #expect(tracker.committable[0] ?? 0 == expected)
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood, 2014): the same numbers at every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}
