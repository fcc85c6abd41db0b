import Testing

@testable import BusClients

@Suite struct FlightLimitTests {
    private func state() -> FlightLimitState<String> { FlightLimitState(limit: FlightCost(records: 10, bytes: 100)) }

    private func cost(_ records: Int, _ bytes: Int = 0) -> FlightCost { FlightCost(records: records, bytes: bytes) }

    @Test func admitsUpToItsRecordsAndItsBytes() {
        var records = state()
        #expect(records.arrive(cost(10)) == .admitted)
        #expect(records.arrive(cost(1)) == .mustWait)
        var bytes = state()
        #expect(bytes.arrive(cost(1, 100)) == .admitted)
        #expect(bytes.arrive(cost(1, 1)) == .mustWait)
    }

    @Test func servesFirstComeFirst() {
        var state = state()
        #expect(state.arrive(cost(8)) == .admitted)
        #expect(wait(&state, "large", cost(9)) == nil)
        #expect(wait(&state, "small", cost(1)) == nil)
        // There would be room for the small one; it came later.
        #expect(state.release(cost(1)) == [])
        #expect(state.release(cost(7)) == ["large", "small"])
        #expect(state.taken == cost(10))
    }

    @Test func aLargerCallWaitsUntilItIsAlone() throws {
        let records = (0..<50).map { LogRecord(key: "\($0)", value: []) }
        let limited = try FlightCost(of: records, atMost: cost(10, 100))
        #expect(limited.records == 10)
        var state = state()
        #expect(state.arrive(cost(1)) == .admitted)
        #expect(wait(&state, "all", limited) == nil)
        #expect(state.release(cost(1)) == ["all"])
    }

    @Test func aCancelledOneMakesWay() {
        var state = state()
        #expect(state.arrive(cost(9)) == .admitted)
        #expect(state.arrive(cost(5)) == .mustWait)
        let id = state.nextID()
        #expect(state.register("large", id: id, cost: cost(5), deadline: .seconds(1), isCancelled: false) == nil)
        #expect(wait(&state, "small", cost(1)) == nil)
        let (cancelled, admitted) = state.cancel(id)
        #expect(cancelled == "large")
        #expect(admitted == ["small"])
        #expect(state.cancel(id).cancelled == nil)
    }

    @Test func doesNotRegisterACancelledOne() {
        var state = state()
        #expect(state.arrive(cost(10)) == .admitted)
        _ = state.arrive(cost(1))
        #expect(
            state.register("late", id: 1, cost: cost(1), deadline: .seconds(1), isCancelled: true) == .cancelled)
        #expect(state.waiting == 0)
    }

    @Test func admitsOneThatFindsRoomWhenItRegisters() {
        var state = state()
        #expect(state.arrive(cost(10)) == .admitted)
        #expect(state.arrive(cost(1)) == .mustWait)
        #expect(state.release(cost(10)) == [])
        #expect(
            state.register("lucky", id: 1, cost: cost(1), deadline: .seconds(1), isCancelled: false) == .admitted)
        #expect(state.taken == cost(1))
    }

    @Test func expiresThoseWhoseTimeIsOver() {
        var state = state()
        #expect(state.arrive(cost(9)) == .admitted)
        #expect(wait(&state, "first", cost(5), until: .seconds(1)) == nil)
        #expect(wait(&state, "second", cost(1), until: .seconds(2)) == nil)
        let (expired, admitted) = state.expire(at: .seconds(1))
        #expect(expired == ["first"])
        #expect(admitted == ["second"])
        #expect(state.expire(at: .seconds(9)).expired == [])
    }

    @Test func closingEndsEveryWait() {
        var state = state()
        #expect(state.arrive(cost(10)) == .admitted)
        #expect(wait(&state, "one", cost(1)) == nil)
        #expect(wait(&state, "two", cost(1)) == nil)
        #expect(state.close() == ["one", "two"])
        #expect(state.arrive(cost(1)) == .closed)
        #expect(state.release(cost(10)) == [])
    }

    @Test func keepsNoPlaceForThoseWhoLeft() {
        var state = state()
        #expect(state.arrive(cost(10)) == .admitted)
        for index in 0..<5000 {
            #expect(wait(&state, "\(index)", cost(1)) == nil)
            #expect(state.release(cost(1)).count == 1)
        }
        #expect(state.waiting == 0)
        #expect(state.taken == cost(10))
    }

    @Test func aTableUsesItsPlacesAgain() {
        var table = SlotTable<String>()
        let first = table.add("first")
        let second = table.add("second")
        table.remove(at: first)
        table.remove(at: first)
        #expect(table.count == 1)
        #expect(table.add("third") == first)
        #expect(Set(table.elements) == ["second", "third"])
        table.remove(at: second)
        table.remove(at: first)
        #expect(table.isEmpty)
    }

    private func wait(
        _ state: inout FlightLimitState<String>, _ name: String, _ cost: FlightCost,
        until deadline: Duration = .seconds(9)
    ) -> FlightVerdict? {
        guard state.arrive(cost) == .mustWait else { return .admitted }
        return state.register(name, id: state.nextID(), cost: cost, deadline: deadline, isCancelled: false)
    }
}
