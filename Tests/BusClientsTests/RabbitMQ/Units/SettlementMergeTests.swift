import Runtime
import Testing

@testable import BusClients

@Suite struct SettlementMergeTests {
    private func merge(delivered tags: ClosedRange<UInt64>) -> SettlementMerge {
        var merge = SettlementMerge()
        for tag in tags { merge.deliver(tag, enqueuedAt: Timestamp(microseconds: Int64(tag))) }
        return merge
    }

    @Test func mergesAcksUpToTheOldestOpenDelivery() {
        var merge = merge(delivered: 1...6)
        for tag: UInt64 in [1, 3, 2, 5] { merge.ack(tag) }
        #expect(merge.take() == [.ack(5, isMultiple: false), .ack(3, isMultiple: true)])
        #expect(merge.count == 2)
        merge.ack(4)
        #expect(merge.take() == [.ack(4, isMultiple: false)])
        merge.ack(6)
        #expect(merge.take() == [.ack(6, isMultiple: false)])
        #expect(merge.take() == [])
    }

    @Test func sendsReturnsBeforeAnAckThatWouldCoverThem() {
        var merge = merge(delivered: 1...3)
        merge.ack(1)
        merge.giveBack(2)
        merge.ack(3)
        #expect(merge.take() == [.giveBack(2, isMultiple: false), .ack(3, isMultiple: true)])
    }

    @Test func doesNotAckWhatIsHeld() {
        var merge = merge(delivered: 1...3)
        merge.hold(1)
        #expect(!merge.isOpen(1))
        merge.ack(2)
        merge.ack(3)
        #expect(merge.take() == [.ack(2, isMultiple: false), .ack(3, isMultiple: false)])
        merge.ack(1)
        #expect(merge.take() == [.ack(1, isMultiple: false)])
    }

    @Test func settlesOnceAndOnlyWhatItKnows() {
        var merge = merge(delivered: 1...1)
        #expect(merge.isOpen(1))
        #expect(!merge.isOpen(2))
        merge.ack(1)
        merge.ack(1)
        merge.giveBack(1)
        merge.ack(9)
        #expect(merge.take() == [.ack(1, isMultiple: false)])
    }

    @Test func knowsTheOldestOpenDelivery() {
        var merge = merge(delivered: 1...3)
        merge.ack(1)
        #expect(merge.oldest == Timestamp(microseconds: 2))
        merge.ack(2)
        merge.ack(3)
        #expect(merge.oldest == nil)
    }

    @Test func staysSmallBehindADeliveryThatIsNeverSettled() {
        var merge = SettlementMerge()
        merge.deliver(1, enqueuedAt: Timestamp(microseconds: 0))
        for tag: UInt64 in 2...200_000 {
            merge.deliver(tag, enqueuedAt: Timestamp(microseconds: 0))
            merge.ack(tag)
            if tag % 100 == 0 { #expect(merge.take().count == 100 - (tag == 100 ? 1 : 0)) }
        }
        #expect(merge.count == 1)
        #expect(merge.remembered < 4096)
    }
}
