import Testing

@testable import BusClients

@Suite struct PublisherStateTests {
    private static let lost = BusError(.unavailable, "lost")

    private func unit(_ names: [String], exchange: String = "", deadline: Int = 10, size: Int = 0) -> PublishUnit {
        PublishUnit(
            names.map { name in
                Outgoing(
                    exchange: exchange, routingKey: "q",
                    message: Message(id: MessageID(name), body: [UInt8](repeating: 0, count: size)), own: OwnHeaders())
            }, deadline: .seconds(deadline))
    }

    private func open(count: Int = 100, bytes: Int = 1 << 20) -> PublisherState {
        var state = PublisherState(maximumCount: count, maximumBytes: bytes)
        state.open()
        return state
    }

    /// Adds a unit nobody waits for.
    private func add(_ unit: PublishUnit, to state: inout PublisherState) { _ = state.add(unit, nil) }

    private func names(_ sendings: [PublisherState.Sending]) -> [String] {
        sendings.map { ($0.isResent ? "again " : "") + $0.outgoing.message.id.rawValue }
    }

    private func confirm(
        _ state: inout PublisherState, _ tag: UInt64, multiple: Bool = false, accepted: Bool = true,
        repairs: Bool = false
    ) {
        var counts = PublisherState.Confirmed()
        state.confirm(
            Confirm(tag: tag, isMultiple: multiple, isAccepted: accepted), canRepair: { _ in repairs }, &counts)
    }

    private func outcomes(_ state: inout PublisherState) -> [PublishOutcome] { state.takeCompletions().map(\.outcome) }

    @Test func endsACallWhenItsLastMessageIsConfirmed() {
        var state = open()
        add(unit(["a", "b"]), to: &state)
        add(unit(["c"]), to: &state)
        #expect(names(state.take(10)) == ["a", "b", "c"])
        confirm(&state, 2)
        #expect(outcomes(&state) == [])
        confirm(&state, 3, multiple: true)
        #expect(outcomes(&state) == [[:], [:]])
        #expect(state.unconfirmed == 0)
    }

    @Test func holdsBackBeyondItsBounds() {
        var state = open(count: 2)
        add(unit(["a", "b", "c"]), to: &state)
        #expect(names(state.take(10)) == ["a", "b"])
        #expect(names(state.take(10)) == [])
        confirm(&state, 1)
        #expect(names(state.take(10)) == ["c"])

        var narrow = open(bytes: 1000)
        add(unit(["big"], size: 5000), to: &narrow)
        add(unit(["small"]), to: &narrow)
        #expect(names(narrow.take(10)) == ["big"])
        confirm(&narrow, 1)
        #expect(names(narrow.take(10)) == ["small"])
    }

    @Test func sendsAgainInOrderAndMarked() {
        var state = open()
        add(unit(["a", "b", "c"]), to: &state)
        _ = state.take(10)
        confirm(&state, 2)
        state.lose(Self.lost, isReopening: false)
        #expect(outcomes(&state) == [])
        state.open()
        add(unit(["d"]), to: &state)
        #expect(names(state.take(10)) == ["again a", "again c", "d"])
        confirm(&state, 3, multiple: true)
        #expect(outcomes(&state) == [[:], [:]])
    }

    @Test func failsAtOnceWhatWasNotSentWhenTheConnectionIsLost() {
        var state = open(count: 1)
        add(unit(["a"]), to: &state)
        add(unit(["b"]), to: &state)
        _ = state.take(10)
        state.lose(Self.lost, isReopening: false)
        #expect(outcomes(&state) == [[0: Self.lost]])
        add(unit(["c"]), to: &state)
        #expect(outcomes(&state) == [[0: Self.lost]])
    }

    @Test func failsAtOnceWhileTheBrokerTakesNothing() {
        var state = open()
        add(unit(["sent"]), to: &state)
        _ = state.take(10)
        state.block("low on memory")
        add(unit(["new"]), to: &state)
        let refused = outcomes(&state)
        #expect(refused.count == 1)
        #expect(refused.first?[0]?.code == .unavailable)
        #expect(refused.first?[0]?.message.contains("low on memory") == true)
        state.block(nil)
        confirm(&state, 1)
        #expect(outcomes(&state) == [[:]])
    }

    @Test func saysWhetherAnythingWasSentWhenTheTimeIsOver() {
        var state = open(count: 1)
        add(unit(["a"], deadline: 10), to: &state)
        add(unit(["b"], deadline: 20), to: &state)
        _ = state.take(10)
        state.expire(now: .seconds(9))
        #expect(outcomes(&state) == [])
        state.expire(now: .seconds(20))
        let messages = outcomes(&state).compactMap { $0[0]?.message }
        #expect(messages.count == 2)
        #expect(messages.first?.contains("may or may not") == true)
        #expect(messages.last?.contains("nothing was sent") == true)
        // What nobody waits for is not sent again.
        state.lose(Self.lost, isReopening: true)
        state.open()
        #expect(names(state.take(10)) == [])
    }

    @Test func tellsRefusedAndUnroutableMessagesApart() {
        var state = open()
        add(unit(["full"]), to: &state)
        add(unit(["nowhere"]), to: &state)
        add(unit(["no exchange"], exchange: "x"), to: &state)
        _ = state.take(10)
        confirm(&state, 1, accepted: false)
        for (exchange, id) in [("", "nowhere"), ("x", "no exchange")] {
            var message = ReceivedMessage()
            (message.exchange, message.routingKey, message.id) = (exchange, "q", id)
            state.markReturned(message)
        }
        confirm(&state, 3, multiple: true)
        #expect(outcomes(&state).map { $0[0]?.code } == [.queueFull, .unknownQueue, .unknownExchange])
    }

    @Test func sendsOnceMoreWhenTheQueueWasDeclaredAgain() {
        var state = open()
        add(unit(["a"]), to: &state)
        _ = state.take(10)
        var message = ReceivedMessage()
        (message.routingKey, message.id) = ("q", "a")
        state.markReturned(message)
        confirm(&state, 1, repairs: true)
        #expect(outcomes(&state) == [])
        #expect(names(state.take(10)) == [])
        state.repair { _ in nil }
        #expect(names(state.take(10)) == [])
        state.repair { _ in .some(nil) }
        #expect(names(state.take(10)) == ["a"])
        state.markReturned(message)
        confirm(&state, 2, repairs: true)
        #expect(outcomes(&state).map { $0[0]?.code } == [.unknownQueue])
    }

    @Test func failsWhatCannotBeDeclaredAgain() {
        var state = open()
        add(unit(["a"]), to: &state)
        _ = state.take(10)
        var message = ReceivedMessage()
        (message.routingKey, message.id) = ("q", "a")
        state.markReturned(message)
        confirm(&state, 1, repairs: true)
        state.repair { _ in Self.lost }
        #expect(outcomes(&state) == [[0: Self.lost]])
        #expect(state.unconfirmed == 0)
    }

    @Test func failsOnlyWhatTheBrokerNames() {
        var state = open()
        add(unit(["a"], exchange: "gone"), to: &state)
        add(unit(["b"], exchange: "there"), to: &state)
        _ = state.take(10)
        let refusal = BusError(.unknownExchange, "no exchange 'gone'")
        state.failOpen(refusal) { refusal.names(exchange: $0.exchange) }
        state.lose(refusal, isReopening: true)
        #expect(outcomes(&state) == [[0: refusal]])
        state.open()
        #expect(names(state.take(10)) == ["again b"])
    }

    @Test func withdrawsWhatWasNotSent() {
        var state = open(count: 1)
        let (first, second) = (unit(["a"]), unit(["b"]))
        add(first, to: &state)
        add(second, to: &state)
        _ = state.take(10)
        state.cancel(first)
        state.cancel(second)
        #expect(outcomes(&state).count == 1)
        confirm(&state, 1)
        #expect(names(state.take(10)) == [])
        #expect(outcomes(&state) == [[:]])
    }

    @Test func endsEverythingWhenItCloses() {
        var state = open(count: 1)
        add(unit(["a"]), to: &state)
        add(unit(["b"]), to: &state)
        _ = state.take(10)
        state.close()
        #expect(outcomes(&state).map { $0[0]?.code } == [.closed, .closed])
        add(unit(["c"]), to: &state)
        #expect(outcomes(&state).map { $0[0]?.code } == [.closed])
    }
}
