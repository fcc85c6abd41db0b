import BusTestKit
import Glibc
import Testing

@testable import Runtime

@Suite struct SignalWatchTests {
    @Test func reportsEachArrivalToEveryWatch() async throws {
        let (reports, continuation) = AsyncStream.makeStream(of: Int32.self)
        let first = try SignalWatch([45, 46]) { continuation.yield($0) }
        let second = try SignalWatch([45]) { continuation.yield($0) }
        kill(getpid(), 45)
        kill(getpid(), 46)
        let received = try await withDeadline("signals") {
            var received: [Int32] = []
            for await number in reports {
                received.append(number)
                if received.count == 3 { break }
            }
            return received
        }
        first.stop()
        second.stop()
        #expect(received.sorted() == [45, 45, 46])
    }

    @Test func restoresTheDispositionItFound() throws {
        signal(47, SIG_IGN)
        let watch = try SignalWatch([47]) { _ in }
        watch.stop()
        let found = signal(47, SIG_DFL)
        #expect(unsafeBitCast(found, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self))
    }

    @Test func leavesNothingBehindWhenOneSignalIsRefused() {
        #expect(throws: SignalWatchError.self) { try SignalWatch([48, SIGKILL]) { _ in } }
        let found = signal(48, SIG_DFL)
        #expect(unsafeBitCast(found, to: Int.self) == unsafeBitCast(SIG_DFL, to: Int.self))
    }
}
