import BusTestKit
import Runtime
import Testing

@testable import BusClients

@Suite struct SignalTests {
    @Test func missesNothingRaisedBetweenTheLookAndTheWait() async throws {
        let signal = Signal()
        let generation = signal.generation
        signal.raise()
        try await withDeadline("the wait") { await signal.wait(past: generation) }
    }

    @Test func endsWhenCancelledBeforeOrAfterWaiting() async throws {
        let signal = Signal()
        for _ in 0..<200 {
            let task = Task { await signal.wait(past: signal.generation) }
            task.cancel()
            try await withDeadline("the end") { await task.value }
        }
    }

    @Test func endsAtItsDeadline() async throws {
        let (signal, time) = (Signal(), ManualTime())
        let deadline = time.uptime + .seconds(5)
        let task = Task { await signal.wait(past: signal.generation, until: deadline, time: time) }
        time.advance(by: .seconds(6))
        try await withDeadline("the deadline") { await task.value }
    }
}
