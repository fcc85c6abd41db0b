import BusTestKit
import Testing

@testable import Runtime

@Suite struct SystemTimeTests {
    private let time = SystemTime()

    @Test func neverGoesBack() {
        var last = time.uptime
        for _ in 0..<1000 {
            let next = time.uptime
            #expect(next >= last)
            last = next
        }
        #expect(time.now.rfc3339 > "2025")
    }

    @Test func sleepsAtLeastAsLongAsAsked() async throws {
        let start = time.uptime
        try await time.sleep(for: .milliseconds(5))
        #expect(time.uptime - start >= .milliseconds(5))
        try await time.sleep(for: .seconds(-1))
    }

    @Test func stopsToSleepWhenCancelled() async throws {
        try await withDeadline("cancelled sleep") {
            let sleeper = Task { try await SystemTime().sleep(for: .seconds(1000)) }
            sleeper.cancel()
            await #expect(throws: CancellationError.self) { try await sleeper.value }
        }
    }
}
