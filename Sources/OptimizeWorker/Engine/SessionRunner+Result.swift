internal import Contracts
internal import Runtime

extension SessionRunner {
    /// Measures, makes the result, and ends the session with it.
    func finish(
        _ session: Session, _ record: SessionRecord, _ status: OptimizationResult.Status, problem: String?,
        optimization: (any Optimization)? = nil
    ) async throws {
        let request = session.request
        var report = report(record, request)
        var impact: Facts?
        var rollback: Facts?
        if let optimization {
            if !request.isDryRun {
                let after = try await optimization.measure(planContext(request))
                impact = optimization.impact(before: record.before, after: after, steps: record.steps)
                report["measured_after"] = .facts(after)
            }
            rollback = try await optimization.rollback(
                RollbackContext(request: request, steps: record.steps, journal: journal))
        }
        let failures = record.steps.filter { $0.outcome?.ending == .failed }
        let now = time.now
        let duration = max(0, now.duration(since: record.startedAt) / .seconds(1))
        let problems = ([problem].compactMap { $0 } + record.steps.flatMap(Self.problems)).joined(separator: "; ")
        let result = OptimizationResult(
            taskID: request.id, status: status == .completed && !failures.isEmpty ? .failed : status,
            type: request.type, startedAt: record.startedAt, completedAt: now, duration: duration,
            changes: record.steps.flatMap { $0.outcome?.changes ?? [] }, performanceImpact: impact?.json,
            rollback: rollback?.json, isDryRun: request.isDryRun, errorMessage: problems.isEmpty ? nil : problems,
            report: report.json)
        var events: [OutboxEvent] = []
        if let optimization, let impact, status == .completed {
            for event in optimization.events(impact: impact, duration: duration) {
                events.append(await session.events.make(event.type, event.data))
            }
        }
        events.append(
            await session.events.make("session.\(result.status.rawValue)", raw: ("result", result.json)))
        try await journal.end(request.id, result: result, at: now, events: events)
        counters.ended(request.type, result.status, seconds: duration)
        if let optimization, let impact { counters.measured(optimization, impact) }
        session.logger.info(
            "session_ended",
            [
                "status": .string(result.status.rawValue),
                "changes": .int(Int64(result.changes.count)),
            ])
    }

    private func report(_ record: SessionRecord, _ request: OptimizationRequest) -> Facts {
        var report: Facts = [:]
        if record.phase == .planning { return report }
        report["measured_before"] = .facts(record.before)
        report["plan"] = .list(record.steps.map { .facts($0.step.shown) })
        let todo = record.steps.filter { $0.step.skipReason == nil }
        report["estimated_bytes"] = .int(todo.reduce(0) { $0 + ($1.step.estimatedBytes ?? 0) })
        if request.isDryRun { return report }
        report["steps"] = .list(
            record.steps.map { step in
                var facts: Facts = ["step": .text(step.step.name), "run": FactValue(step.run)]
                facts.merge(step.outcome?.facts ?? ["outcome": "not_run"])
                return .facts(facts)
            })
        report["runs"] = .int(record.run)
        if record.run > 1 {
            let before = record.steps.filter { ($0.run ?? record.run) < record.run }
            report["resumed"] = .facts([
                "steps_not_repeated": .list(before.map { .text($0.step.name) }),
                "note": "The session was interrupted and went on where it was; no completed step ran a second time.",
            ])
        }
        return report
    }

    /// What went wrong in a step, one sentence each.
    private static func problems(_ record: StepRecord) -> [String] {
        guard let outcome = record.outcome else { return [] }
        var problems = outcome.problems.map { "\(record.step.name): \($0)" }
        if outcome.ending == .failed { problems.insert("\(record.step.name) failed: \(outcome.reason ?? "")", at: 0) }
        return problems
    }
}
