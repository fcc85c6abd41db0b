import Runtime
import Testing

@testable import BusClients

@Suite struct SubscriptionStateTests {
    private let now = Timestamp(microseconds: 0)

    private func event(
        _ offset: Int64, _ key: String = "a", id: String? = nil, isResent: Bool = false
    ) -> ReceivedMessage {
        var message = ReceivedMessage()
        message.tag = UInt64(offset + 1)
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
        state.attach()
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
