import BusTestKit
import Testing

@testable import Runtime

@Suite struct LatchTests {
    @Test func letsEveryoneGoOnWhenOpened() async throws {
        let latch = Latch()
        try await withDeadline("waiters") {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<50 { group.addTask { await latch.wait() } }
                latch.open()
                latch.open()
            }
        }
        #expect(latch.isOpen)
        await latch.wait()
    }

    @Test func letsACancelledTaskGoOn() async throws {
        let latch = Latch()
        try await withDeadline("cancelled waiters") {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<50 { group.addTask { await latch.wait() } }
                group.cancelAll()
            }
        }
        #expect(!latch.isOpen)
    }

    @Test func keepsOnlyThoseWhoMustWait() {
        var state = LatchState<String>()
        guard let first = state.nextWaiter(), let second = state.nextWaiter(), let third = state.nextWaiter() else {
            return #expect(Bool(false), "must wait")
        }
        #expect(state.register("first", id: first, isCancelled: false) == true)
        #expect(state.register("second", id: second, isCancelled: true) == false)
        #expect(state.register("third", id: third, isCancelled: false) == true)
        #expect(state.cancel(first) == "first")
        #expect(state.cancel(first) == nil)
        #expect(state.open() == ["third"])
        #expect(state.open() == [])
        #expect(state.nextWaiter() == nil)
        #expect(state.register("late", id: 9, isCancelled: false) == false)
        #expect(state.cancel(third) == nil)
    }
}
