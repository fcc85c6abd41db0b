import BusTestKit
import Contracts
import Runtime
import Testing

@testable import Ingress

@Suite struct CommandWaitersTests {
    @Test func newsWakesBeforeAndAfterWaiting() async throws {
        let waiters = CommandWaiters(time: SystemTime())
        let early = try #require(waiters.register("a"))
        waiters.changed([("b", .published), ("a", .accepted)])
        waiters.changed([("a", .published)])
        #expect(await early.waiter.wait(atMost: .seconds(60)) == .published)
        let late = try #require(waiters.register("a"))
        let waiting = Task { await late.waiter.wait(atMost: .seconds(60)) }
        waiters.changed([("a", .expired)])
        #expect(try await withDeadline("the news") { await waiting.value } == .expired)
    }

    @Test func aWaitEndsAtItsLimit() async throws {
        let time = ManualTime()
        let waiters = CommandWaiters(time: time)
        let registration = try #require(waiters.register("a"))
        let waiting = Task { await registration.waiter.wait(atMost: .seconds(5)) }
        try await withDeadline("the limit") {
            // The sleeper may not have begun: time goes on until the wait is over.
            let ticking = Task { while !Task.isCancelled { time.advance(by: .seconds(1)); await Task.yield() } }
            #expect(await waiting.value == nil)
            ticking.cancel()
        }
        waiters.cancel(registration)
    }

    @Test func aShorterWaitDoesNotWaitForALongerOne() async throws {
        let waiters = CommandWaiters(time: SystemTime())
        let (long, short) = (try #require(waiters.register("a")), try #require(waiters.register("b")))
        let patient = Task { await long.waiter.wait(atMost: .seconds(3600)) }
        try await withDeadline("the short wait") { _ = await short.waiter.wait(atMost: .milliseconds(20)) }
        patient.cancel()
        #expect(try await withDeadline("the cancelled wait") { await patient.value } == nil)
    }

    @Test func boundsTheWaits() throws {
        let waiters = CommandWaiters(time: SystemTime(), maximum: 1)
        let first = try #require(waiters.register("a"))
        #expect(waiters.register("b") == nil)
        waiters.cancel(first)
        waiters.cancel(first)
        #expect(waiters.register("b") != nil)
    }

    @Test func offsetsWakeThoseTheyReach() async throws {
        let waiters = OffsetWaiters(time: SystemTime())
        waiters.advance(to: [0: 5])
        await waiters.wait(for: 5, atMost: .seconds(60))
        let waiting = Task { await waiters.wait(for: 7, atMost: .seconds(60)) }
        waiters.advance(to: [1: 8])
        waiters.advance(to: [0: 8])
        try await withDeadline("the offset") { await waiting.value }
    }
}
