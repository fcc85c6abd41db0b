import Testing

@testable import Runtime

@Suite struct BlockingThreadStateTests {
    private typealias State = BlockingThreadState<Int>

    private func taken(_ action: State.TakeAction) -> [Int]? {
        if case .perform(let work) = action { work } else { nil }
    }

    @Test func wakesTheThreadOnlyWhenItIsIdle() {
        var state = State()
        #expect(state.add(1, isBinding: false) == .none)
        #expect(state.add(2, isBinding: true) == .none)
        #expect(taken(state.take()) == [1, 2])
        guard case .wait = state.take() else { return #expect(Bool(false), "must wait") }
        #expect(state.add(3, isBinding: false) == .wake)
        #expect(state.add(4, isBinding: false) == .none)
        #expect(taken(state.take()) == [3, 4])
    }

    @Test func drainsThenEnds() {
        var state = State()
        _ = state.add(1, isBinding: false)
        #expect(state.stop() == false)
        #expect(state.add(2, isBinding: false) == .refuse)
        #expect(state.add(3, isBinding: true) == .none)
        #expect(taken(state.take()) == [1, 3])
        guard case .end = state.take() else { return #expect(Bool(false), "must end") }
    }

    @Test func wakesAnIdleThreadToEnd() {
        var state = State()
        _ = state.take()
        #expect(state.stop() == true)
        #expect(state.stop() == false)
        guard case .end = state.take() else { return #expect(Bool(false), "must end") }
    }

    @Test func startsOneSuccessorForBindingWorkAfterTheEnd() {
        var state = State()
        _ = state.stop()
        _ = state.take()
        #expect(state.add(1, isBinding: true) == .startSuccessor)
        #expect(state.add(2, isBinding: true) == .none)
        #expect(taken(state.take()) == [1, 2])
        guard case .end = state.take() else { return #expect(Bool(false), "must end") }
        #expect(state.add(3, isBinding: true) == .startSuccessor)
    }
}
