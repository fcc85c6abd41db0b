import BusClients
import BusTestKit
import Contracts
import Runtime
import Testing

@testable import OptimizeWorker

@Suite(.timeLimit(.minutes(1)))
struct SessionEngineTests {
    private func step(
        _ name: String, onFailure: PlannedStep.OnFailure = .goOn, skipReason: String? = nil
    ) -> PlannedStep {
        FakeOptimization.step(name, onFailure: onFailure, skipReason: skipReason)
    }

    @Test func tellsEveryStepInOrderAndEndsWithTheResult() async throws {
        let bench = try await Workbench()
        let fake = FakeOptimization([step("a"), step("b", skipReason: "not permitted"), step("c")])
        try await bench.whileServing([fake]) { _ in
            try await bench.enqueue(bench.request())
            let events = try await bench.events(untilEndOf: "t1")
            #expect(
                events.map(\.type) == [
                    "session.started", "session.planned", "step.started", "step.completed", "step.skipped",
                    "step.started", "step.completed", "session.completed",
                ])
            #expect(events.map(\.key) == events.map { "optimization.\($0.type)" })
            #expect(events.map(\.messageID) == (1...8).map { "t1/\($0)" })
            for event in events {
                #expect(event.taskID == "t1")
                #expect(event.data["optimization_type"] == "fake")
                #expect(event.data["host"] == "h1")
                #expect(event.data["user_id"] == "user-7")
                #expect(event.data["dry_run"] == false)
            }
            #expect(events[4].data["reason"] == "not permitted")
            let result = try #require(events.last?.result)
            #expect(result.status == .completed)
            #expect(result.changes == ["did a", "did c"])
            #expect(result.errorMessage == nil)
            #expect(
                result.performanceImpact.map { String(decoding: $0, as: UTF8.self) }
                    == #"{"level_before":0,"level_after":2}"#)
        }
        #expect(fake.performed == ["a", "c"])
    }

    @Test func dryRunEndsAfterThePlan() async throws {
        let bench = try await Workbench()
        let fake = FakeOptimization([step("a")])
        let result = try await bench.run(bench.request(isDryRun: true), fake)
        #expect(fake.performed.isEmpty)
        #expect(result.status == .completed)
        #expect(result.isDryRun)
        #expect(result.changes.isEmpty)
        let report = try Facts(json: try #require(result.report))
        #expect(report["estimated_bytes"] == 10)
        guard case .list(let plan) = report["plan"], case .facts(let first) = plan.first else {
            Issue.record("the report has no plan")
            return
        }
        #expect(first["step"] == "a")
        #expect(first["risk"] == "none")
        let events = try await bench.events(untilEndOf: "t1")
        #expect(events.map(\.type) == ["session.started", "session.planned", "session.completed"])
    }

    @Test func cancelsBetweenSteps() async throws {
        let bench = try await Workbench()
        let fake = FakeOptimization([step("a"), step("b")]) { step, context in
            try await bench.cancel("t1")
            while !context.isCancelled { await Task.yield() }
            return FakeOptimization.done(step)
        }
        try await bench.whileServing([fake]) { _ in
            try await bench.enqueue(bench.request())
            let events = try await bench.events(untilEndOf: "t1")
            #expect(events.last?.type == "session.cancelled")
            let result = try #require(events.last?.result)
            #expect(result.status == .cancelled)
            #expect(result.changes == ["did a"])
        }
        #expect(fake.performed == ["a"])
    }

    @Test func cancelsASessionThatHasNotStarted() async throws {
        let bench = try await Workbench()
        let fake = FakeOptimization([step("a")])
        try await bench.cancel("t1")
        try await bench.enqueue(bench.request())
        try await bench.whileServing([fake]) { _ in
            let events = try await bench.events(untilEndOf: "t1")
            #expect(events.map(\.type) == ["session.cancelled"])
        }
        #expect(fake.performed.isEmpty)
    }

    @Test func goesOnWhereItWasAfterTheWorkerStopped() async throws {
        let bench = try await Workbench()
        let reachedB = Latch()
        let first = FakeOptimization([step("a"), step("b"), step("c")]) { step, _ in
            guard step.name == "b" else { return FakeOptimization.done(step) }
            reachedB.open()
            try await Task.sleep(for: .seconds(60))
            return FakeOptimization.done(step)
        }
        try await bench.enqueue(bench.request())
        try await bench.whileServing([first]) { _ in await reachedB.wait() }
        #expect(first.performed == ["a", "b"])

        let second = FakeOptimization([step("another plan")])
        try await bench.whileServing([second]) { _ in
            let events = try await bench.events(untilEndOf: "t1")
            #expect(
                events.map(\.type) == [
                    "session.started", "session.planned", "step.started", "step.completed", "step.started",
                    "session.resumed", "step.completed", "step.started", "step.completed", "session.completed",
                ])
            #expect(Set(events.map(\.messageID)).count == events.count)
            let result = try #require(events.last?.result)
            #expect(result.changes == ["did a", "did b", "did c"])
            let report = try Facts(json: try #require(result.report))
            guard case .facts(let resumed) = report["resumed"] else {
                Issue.record("the result does not say that it was resumed")
                return
            }
            #expect(resumed["steps_not_repeated"] == .list(["a"]))
        }
        #expect(second.performed == ["b", "c"])
    }

    @Test func triesAgainAfterAnUnexpectedErrorAndGivesUpHonestly() async throws {
        let bench = try await Workbench()
        let fake = FakeOptimization([step("a"), step("b")]) { step, _ in
            if step.name == "b" { throw ConformanceFailure("not now") }
            return FakeOptimization.done(step)
        }
        try await bench.whileServing([fake]) { _ in
            try await bench.enqueue(bench.request())
            let events = try await bench.events(untilEndOf: "t1")
            #expect(events.last?.type == "session.failed")
            #expect(events.last?.result?.changes == ["did a"])
            #expect(events.last?.result?.errorMessage?.contains("gave up") == true)
            // The next one in the lane comes after the first is settled.
            try await bench.enqueue(bench.request("t2", type: "unknown"))
            _ = try await bench.events(untilEndOf: "t2")
        }
        #expect(fake.performed == ["a", "b", "b", "b"])
        let letters = try await bench.bus.queues.deadLetters(of: bench.queue, after: nil, limit: 10)
        #expect(letters.map(\.message.id.rawValue) == ["t1"])
    }

    @Test func aFailedStepFailsTheSessionAndGoesOnOrStopsAsPlanned() async throws {
        for onFailure in [PlannedStep.OnFailure.goOn, .stop] {
            let bench = try await Workbench()
            let fake = FakeOptimization([step("a", onFailure: onFailure), step("b")]) { step, _ in
                if step.name == "a" { throw OptimizationError(.systemCall, "no such luck") }
                return FakeOptimization.done(step)
            }
            let result = try await bench.run(bench.request(), fake)
            #expect(result.status == .failed)
            #expect(result.errorMessage == "a failed: no such luck")
            #expect(result.changes == (onFailure == .goOn ? ["did b"] : []))
            let types = try await bench.events(untilEndOf: "t1").map(\.type)
            #expect(types.contains("step.failed"))
            #expect(types.contains("step.skipped") == (onFailure == .stop))
            #expect(types.last == "session.failed")
        }
    }

    @Test func anUnsupportedTypeFailsWithAClearError() async throws {
        let bench = try await Workbench()
        let result = try await bench.run(bench.request(type: "thermal"), FakeOptimization([]))
        #expect(result.status == .failed)
        #expect(result.errorMessage == "The type thermal is not supported by this worker (fake)")
    }

    @Test func poisonGoesToTheDeadLettersAndBlocksNothing() async throws {
        let bench = try await Workbench()
        let fake = FakeOptimization([step("a")])
        try await bench.bus.queues.enqueue([Job(Message(id: "poison", body: Array("{".utf8)))], to: bench.queue)
        try await bench.whileServing([fake]) { _ in
            try await bench.enqueue(bench.request())
            _ = try await bench.events(untilEndOf: "t1")
        }
        let letters = try await bench.bus.queues.deadLetters(of: bench.queue, after: nil, limit: 10)
        #expect(letters.map(\.message.id.rawValue) == ["poison"])
        #expect(letters.first?.reason.contains("not an optimization request") == true)
    }

    @Test func aSessionThatHasEndedDoesNothingMore() async throws {
        let bench = try await Workbench()
        let fake = FakeOptimization([step("a")])
        _ = try await bench.run(bench.request(), fake)
        _ = try await bench.run(bench.request(), fake)
        #expect(fake.performed == ["a"])
        try await bench.cancel("end")
        let history = try await bench.bus.events.history(of: ExchangeName(StreamNames.optimizationEvents))
        let events = try await bench.events(untilEndOf: "t1")
        #expect(events.count == 5)
        #expect(history.upperBound - history.lowerBound == 5)
    }

    @Test func aPreviewDoesNotWaitForAChange() async throws {
        let bench = try await Workbench()
        let isPreviewed = Latch()
        let fake = FakeOptimization([step("a")]) { step, _ in
            await isPreviewed.wait()
            return FakeOptimization.done(step)
        }
        try await bench.whileServing([fake]) { _ in
            try await bench.enqueue(bench.request("change"))
            try await bench.enqueue(bench.request("preview", isDryRun: true))
            _ = try await bench.events(untilEndOf: "preview")
            isPreviewed.open()
            _ = try await bench.events(untilEndOf: "change")
        }
    }
}
