import Testing

@testable import Runtime

/// Walks through the decisions of a group without tasks.
@Suite struct ServiceGroupStateTests {
    private struct Failure: Error {}

    /// Actions as short words: `start 0`, `ask 1`, `cancel 1`, `stop-deadline 1`, `cancel-deadline 2`, `finish`.
    private func words(_ actions: [ServiceGroupState.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .start(let index): "start \(index)"
            case .askToStop(let index): "ask \(index)"
            case .cancel(let index): "cancel \(index)"
            case .setDeadline(let number, .stop): "stop-deadline \(number)"
            case .setDeadline(let number, .cancellation): "cancel-deadline \(number)"
            case .finish(nil): "finish"
            case .finish(.some(let error)): "finish: \(error)"
            }
        }
    }

    private func started(_ count: Int) -> ServiceGroupState {
        var state = ServiceGroupState(names: Array(["a", "b", "c"].prefix(count)))
        _ = state.begin()
        for index in 0..<count { _ = state.handle(.started(index)) }
        return state
    }

    @Test func startsTheNextWhenOneIsReady() {
        var state = ServiceGroupState(names: ["a", "b"])
        #expect(words(state.begin()) == ["start 0"])
        #expect(words(state.handle(.started(0))) == ["start 1"])
        #expect(words(state.handle(.started(0))) == [])
        #expect(words(state.handle(.started(1))) == [])
    }

    @Test func finishesAtOnceWithoutServices() {
        var state = ServiceGroupState(names: [])
        #expect(words(state.begin()) == ["finish"])
    }

    @Test func stopsInReverseOneAfterTheOther() {
        var state = started(3)
        #expect(words(state.handle(.signal(15))) == ["ask 2", "stop-deadline 1"])
        #expect(words(state.handle(.ended(2, nil))) == ["ask 1", "stop-deadline 2"])
        #expect(words(state.handle(.deadline(1))) == [])
        #expect(words(state.handle(.ended(1, CancellationError()))) == ["ask 0", "stop-deadline 3"])
        #expect(words(state.handle(.ended(0, nil))) == ["finish"])
        #expect(words(state.handle(.signal(15))) == [])
    }

    @Test func neverStartsMoreOnceItStops() {
        var state = ServiceGroupState(names: ["a", "b", "c"])
        _ = state.begin()
        _ = state.handle(.started(0))
        #expect(words(state.handle(.cancelled)) == ["ask 1", "stop-deadline 1"])
        #expect(words(state.handle(.started(1))) == [])
        #expect(words(state.handle(.ended(1, nil))) == ["ask 0", "stop-deadline 2"])
        #expect(words(state.handle(.ended(0, nil))) == ["finish"])
    }

    @Test func cancelsPastTheDeadlineAndGoesOn() {
        var state = started(2)
        _ = state.handle(.signal(15))
        #expect(words(state.handle(.deadline(1))) == ["cancel 1", "ask 0", "stop-deadline 2"])
        #expect(words(state.handle(.ended(0, nil))) == ["cancel-deadline 3"])
        #expect(words(state.handle(.ended(1, CancellationError()))) == ["finish"])
    }

    @Test func waitsForACancelledServiceOnlySoLong() {
        var state = started(1)
        _ = state.handle(.signal(15))
        #expect(words(state.handle(.deadline(1))) == ["cancel 0", "cancel-deadline 2"])
        let last = words(state.handle(.deadline(2)))
        #expect(last == ["finish: services did not end when cancelled: a"])
    }

    @Test func cancelsAllAtOnceOnTheSecondSignal() {
        var state = started(3)
        _ = state.handle(.signal(15))
        let second = words(state.handle(.signal(15)))
        #expect(second == ["cancel 2", "cancel 1", "cancel 0", "cancel-deadline 2"])
        #expect(words(state.handle(.ended(2, CancellationError()))) == [])
        #expect(words(state.handle(.ended(0, CancellationError()))) == [])
        #expect(words(state.handle(.ended(1, nil))) == ["finish"])
    }

    @Test func stopsTheOthersAfterTheFirstFailureAndReportsIt() {
        var state = started(3)
        #expect(words(state.handle(.ended(1, Failure()))) == ["ask 2", "stop-deadline 1"])
        #expect(words(state.handle(.ended(2, Failure()))) == ["ask 0", "stop-deadline 2"])
        #expect(words(state.handle(.ended(0, nil))) == ["finish: service b failed: Failure()"])
    }

    @Test func takesAnEarlyEndForAFailure() {
        var state = started(1)
        #expect(words(state.handle(.ended(0, nil))) == ["finish: service a ended before it was asked to"])
    }

    @Test func skipsServicesThatHaveEndedMeanwhile() {
        var state = started(3)
        _ = state.handle(.signal(15))
        #expect(words(state.handle(.ended(1, nil))) == [])
        #expect(words(state.handle(.ended(2, nil))) == ["ask 0", "stop-deadline 2"])
    }
}
