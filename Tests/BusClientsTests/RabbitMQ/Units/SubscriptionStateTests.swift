import Runtime
import Testing

@testable import BusClients

@Suite struct SubscriptionStateTests {
    private let now = Timestamp(microseconds: 0)

    private func event(
        _ offset: Int64, _ key: String = "a", id: String? = nil, isResent: Bool = false
    ) -> ReceivedMessage {
        var message = ReceivedMessage()
        message.tag = UInt64(max(0, offset) + 1)
        message.routingKey = key
        message.id = id ?? "m\(offset)"
        message.broker.offset = offset
        message.own.isResent = isResent
        return message
    }

    @Test func leavesOutWhatIsBeforeItsOffsetAndWhatDoesNotMatch() {
        var state = SubscriptionState(patterns: ["a.#"], from: 2)
        let events = state.take([event(1), event(2), event(3, "b"), event(4, "a.b")], now: now)
        #expect(events.map(\.offset) == [2, 4])
        #expect(state.nextOffset == 5)
    }

    @Test func goesOnWhereItWasOnANewChannel() {
        var state = SubscriptionState(patterns: [.all], from: 0)
        _ = state.take([event(0), event(1)], now: now)
        #expect(state.settle() == 2)
        #expect(state.attach() == 0)
        #expect(state.settle() == nil)
        #expect(state.take([event(0), event(1), event(2)], now: now).map(\.offset) == [2])
        #expect(state.settle() == 3)
    }

    @Test func leavesOutAResentEventItHasDelivered() {
        var state = SubscriptionState(patterns: [.all], from: 0)
        let first = state.take([event(0, id: "x"), event(1, id: "x"), event(2, id: "x", isResent: true)], now: now)
        #expect(first.map(\.offset) == [0, 1])
        #expect(state.take([event(3, id: "y", isResent: true)], now: now).map(\.offset) == [3])
    }

    @Test func readsSomeAgainOnANewChannel() {
        var state = SubscriptionState(patterns: [.all], from: 100)
        _ = state.take((100..<150).map { event($0) }, now: now)
        #expect(state.attach() == 100)
        _ = state.take((150..<1000).map { event($0) }, now: now)
        #expect(state.attach() == 1000 - 256)
        #expect(state.take((744..<1001).map { event($0) }, now: now).map(\.offset) == [1000])
    }

    /// The broker was killed and has lost the last two of five: others have their offsets now.
    @Test func takesWhatHasTheOffsetOfALostEvent() {
        var state = SubscriptionState(patterns: ["a"], from: 0)
        _ = state.take([event(0), event(1, "b"), event(2), event(3), event(4, "b")], now: now)
        #expect(state.attach() == 0)
        let events = state.take(
            [event(0), event(1, "b"), event(2), event(3, id: "new"), event(4, id: "newer"), event(5)], now: now)
        #expect(events.map(\.message.id) == ["new", "newer", "m5"])
        #expect(state.take([event(3, id: "new"), event(6)], now: now).map(\.offset) == [6])
    }

    @Test func noOffsetIsBelowZero() {
        var state = SubscriptionState(patterns: [.all], from: -5)
        #expect(state.attach() == 0)
        #expect(state.take([event(-3), event(0)], now: now).map(\.offset) == [0])
    }

    @Test func whatIsTooLongAgoIsNotTakenForNew() {
        var memory = OffsetMemory()
        for offset in Int64(10)..<10_000 { memory.add(offset, MessageID("m\(offset)")) }
        #expect(memory.verdict(9_999, "m9999") == .seen && memory.verdict(9_999, "x") == .reused)
        #expect(memory.verdict(10_000 - OffsetMemory.capacity, "x") == .reused)
        #expect(memory.verdict(9_999 - OffsetMemory.capacity, "x") == .seen)
        memory.add(9_000, "x")
        #expect(memory.verdict(9_000, "m9000") == .reused && memory.verdict(9_001, "y") == .seen)
        memory.add(20_000, "z")
        #expect(memory.verdict(9_000, "y") == .seen && memory.verdict(20_000, "z") == .seen)
    }

    @Test func remembersTheLastIdsOnly() {
        var recent = RecentIDs()
        for number in 0..<5000 { recent.add(MessageID("m\(number)")) }
        #expect(recent.contains("m4999"))
        #expect(recent.contains("m904"))
        #expect(!recent.contains("m903"))
    }

    @Test func givesNobodyAMark() {
        var state = SubscriptionState(patterns: [.all], from: 0)
        var mark = event(0)
        mark.own.isMarker = true
        #expect(state.take([mark, event(1)], now: now).map(\.offset) == [1])
        #expect(state.settle() == 2)
    }
}
