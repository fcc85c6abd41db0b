internal import Contracts
internal import Runtime

extension SessionRunner {
    /// Performs the steps that have not ended yet.
    /// - Returns: False when someone cancelled the session.
    func performSteps(
        _ session: Session, _ record: inout SessionRecord, _ optimization: any Optimization
    ) async throws -> Bool {
        var stopReason = record.steps.lazy.compactMap(Self.reasonToStop).first
        for index in record.steps.indices where record.steps[index].state != .ended {
            try Task.checkCancellation()
            guard !cancellations.contains(session.request.id) else { return false }
            let outcome: StepOutcome
            if let reason = stopReason ?? record.steps[index].step.skipReason {
                outcome = .skipped(reason)
            } else {
                try await start(session, record.steps[index])
                outcome = try await perform(session, record.steps[index], optimization)
            }
            try await end(session, &record.steps[index], outcome)
            stopReason = stopReason ?? Self.reasonToStop(record.steps[index])
            if outcome.ending == .cancelled { return false }
        }
        return true
    }

    private static func reasonToStop(_ record: StepRecord) -> String? {
        guard record.step.onFailure == .stop, record.outcome?.ending == .failed else { return nil }
        return "the step \(record.step.name) failed"
    }

    private func start(_ session: Session, _ record: StepRecord) async throws {
        guard record.state == .planned else { return }
        let event = await session.events.make(
            "step.started", ["number": .int(record.number), "step": .text(record.step.name)])
        try await journal.startStep(record.number, session: session.request.id, events: [event])
        await session.events.publishWhatCanBe()
    }

    private func perform(
        _ session: Session, _ record: StepRecord, _ optimization: any Optimization
    ) async throws -> StepOutcome {
        let request = session.request
        let context = StepContext(
            request: request, number: record.number, time: time, thread: thread, journal: journal,
            isSessionCancelled: { [cancellations] in cancellations.contains(request.id) },
            reportProgress: { done, total in
                try await session.events.progress([
                    "number": .int(record.number), "step": .text(record.step.name), "done": .int(done),
                    "total": .int(total),
                ])
            })
        do {
            return try await optimization.perform(record.step, context)
        } catch let error as OptimizationError {
            return StepOutcome(.failed, reason: error.message)
        }
    }

    private func end(_ session: Session, _ record: inout StepRecord, _ outcome: StepOutcome) async throws {
        record.state = .ended
        record.outcome = outcome
        record.run = session.run
        var data: Facts = ["number": .int(record.number), "step": .text(record.step.name)]
        data.merge(outcome.facts)
        let event = await session.events.make("step.\(outcome.ending.rawValue)", data)
        try await journal.endStep(
            record.number, run: session.run, outcome: outcome, session: session.request.id, events: [event])
        counters.stepEnded(session.request.type, outcome.ending)
        session.logger.info(
            "step_ended",
            [
                "step": .string(record.step.name),
                "outcome": .string(outcome.ending.rawValue), "reason": .string(outcome.reason ?? ""),
            ])
        await session.events.publishWhatCanBe()
    }
}
