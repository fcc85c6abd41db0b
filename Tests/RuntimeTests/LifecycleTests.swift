import BusTestKit
import Testing

@testable import Runtime

@Suite struct LifecycleTests {
    private struct Failure: Error {}

    @Test func returnsTheValueOfABodyThatEnds() async throws {
        let lifecycle = Lifecycle()
        #expect(try await lifecycle.untilStop { 7 } == 7)
        #expect(!lifecycle.isStopping)
    }

    @Test func keepsAnEmptyValueApartFromAStop() async throws {
        let value: Int?? = try await Lifecycle().untilStop { Int?.none }
        #expect(value == .some(.none))
    }

    @Test func cancelsTheBodyWhenAStopIsAsked() async throws {
        let lifecycle = Lifecycle()
        let value = try await withDeadline("stop") {
            try await lifecycle.untilStop {
                lifecycle.requestStop()
                try await SystemTime().sleep(for: .seconds(1000))
                return 1
            }
        }
        #expect(value == nil)
        #expect(lifecycle.isStopping)
    }

    @Test func returnsTheValueOfABodyThatEndsInSpiteOfTheStop() async throws {
        let lifecycle = Lifecycle()
        lifecycle.requestStop()
        let value = try await lifecycle.untilStop {
            await lifecycle.waitForStop()
            return 3
        }
        #expect(value == 3)
    }

    @Test func throwsWhatTheBodyThrows() async {
        await #expect(throws: Failure.self) {
            _ = try await Lifecycle().untilStop { () throws -> Int in throw Failure() }
        }
    }

    @Test func saysWhenItHasStarted() async throws {
        let lifecycle = Lifecycle()
        #expect(!lifecycle.isStarted)
        try await withDeadline("start") {
            async let ready: Void = lifecycle.waitUntilStarted()
            lifecycle.started()
            lifecycle.started()
            await ready
        }
        #expect(lifecycle.isStarted)
    }
}
