import BusTestKit
import Synchronization
import Testing

@testable import Runtime

@Suite struct RetryPolicyTests {
    private struct Failure: Error, Equatable { var number = 0 }

    @Test func growsUpToTheMaximum() {
        let policy = RetryPolicy(initial: .milliseconds(100), maximum: .seconds(1), multiplier: 2, jitter: .none)
        let delays = (1...6).map { policy.delay(attempt: $0) }
        #expect(delays == [100, 200, 400, 800, 1000, 1000].map { .milliseconds($0) })
        #expect(policy.delay(attempt: .max) == .seconds(1))
    }

    @Test func staysWithinFullJitter() {
        let policy = RetryPolicy(initial: .milliseconds(100), maximum: .seconds(1))
        var generator = SystemRandomNumberGenerator()
        var seen: Set<Duration> = []
        for _ in 0..<1000 {
            guard let delay = policy.delay(attempt: 3, using: &generator) else { return #expect(Bool(false)) }
            #expect(delay >= .zero && delay <= .milliseconds(400))
            seen.insert(delay)
        }
        #expect(seen.count > 900)
        #expect((seen.max() ?? .zero) > .milliseconds(300))
        #expect((seen.min() ?? .zero) < .milliseconds(100))
    }

    @Test func endsAfterTheLastAttempt() {
        let policy = RetryPolicy(maximumAttempts: 3)
        #expect(policy.delay(attempt: 2) != nil)
        #expect(policy.delay(attempt: 3) == nil)
    }

    @Test func survivesAbsurdFigures() {
        let policy = RetryPolicy(initial: .seconds(-1), maximum: .seconds(5), multiplier: .infinity, jitter: .none)
        #expect(policy.delay(attempt: 100) == .zero)
        let huge = RetryPolicy(initial: .seconds(1), maximum: .seconds(5), multiplier: 1e300, jitter: .none)
        #expect(huge.delay(attempt: 50) == .seconds(5))
    }

    @Test func triesUntilItSucceeds() async throws {
        let policy = RetryPolicy(initial: .zero, maximum: .zero, maximumAttempts: 5)
        var attempts = 0
        let value = try await policy.run(time: SystemTime()) {
            attempts += 1
            if attempts < 4 { throw Failure(number: attempts) }
            return "done"
        }
        #expect(value == "done")
        #expect(attempts == 4)
    }

    @Test func throwsTheLastErrorWhenItGivesUp() async {
        let policy = RetryPolicy(initial: .zero, maximum: .zero, maximumAttempts: 3)
        var attempts = 0
        await #expect(throws: Failure(number: 3)) {
            try await policy.run(time: SystemTime()) {
                attempts += 1
                throw Failure(number: attempts)
            }
        }
    }

    @Test func givesUpAtOnceOnWhatIsNotRetriable() async {
        var attempts = 0
        await #expect(throws: Failure.self) {
            try await RetryPolicy().run(time: SystemTime(), isRetriable: { !($0 is Failure) }) {
                attempts += 1
                throw Failure()
            }
        }
        #expect(attempts == 1)
    }

    @Test func endsWhenCancelledWhileItWaits() async throws {
        let failed = Latch()
        let policy = RetryPolicy(initial: .seconds(1000), maximum: .seconds(1000), jitter: .none)
        try await withDeadline("cancelled retry") {
            let task = Task {
                try await policy.run(time: SystemTime()) { () throws -> Void in
                    failed.open()
                    throw Failure()
                }
            }
            await failed.wait()
            task.cancel()
            await #expect(throws: (any Error).self) { try await task.value }
        }
    }
}
