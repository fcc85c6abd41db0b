internal import BusClients
internal import Contracts
internal import Runtime

/// Runs sessions one after the other: plan → steps → measured result. Each goes on where the journal says that it was.
struct SessionRunner: Sendable {
    let host: String
    let optimizations: [String: any Optimization]
    let bus: Bus
    let journal: Journal
    let cancellations: CancellationRegistry
    let thread: BlockingThread
    let time: any TimeSource
    let counters: SessionCounters
    let logger: Logger

    /// Takes a session to its end; returns once its last event is published.
    /// - Parameters:
    ///   - trace: The worker's span.
    ///   - progressed: Called whenever the session moves.
    /// - Throws: `CancellationError` when the worker stops; what else it throws is worth another attempt.
    func run(
        _ received: OptimizationRequest, _ trace: TraceContext, progressed: @escaping @Sendable () -> Void = {}
    ) async throws {
        let (session, record) = try await takeUp(received, trace, progressed)
        if record.phase != .ended {
            counters.began(session.request.type)
            defer { counters.left(session.request.type) }
            try await perform(session, record)
        }
        try await session.events.flush()
    }

    /// Ends a session that no attempt could bring to its end.
    func abandon(_ received: OptimizationRequest, _ trace: TraceContext, because error: any Error) async throws {
        let (session, record) = try await takeUp(received, trace) {}
        if record.phase != .ended {
            session.logger.error("session_abandoned", ["error": "\(error)"])
            try await finish(session, record, .failed, problem: "Interrupted too often; the worker gave up")
        }
        try await session.events.flush()
    }

    private func takeUp(
        _ received: OptimizationRequest, _ trace: TraceContext, _ progressed: @escaping @Sendable () -> Void
    ) async throws -> (Session, SessionRecord) {
        let record = try await journal.takeUp(received, at: time.now)
        let logger = logger.with(trace.logFields.merging(["session": .string(received.id)]))
        let events = SessionEvents(
            record: record, pending: try await journal.unpublished(of: received.id), host: host,
            trace: trace, bus: bus, journal: journal, time: time, logger: logger,
            progressed: progressed)
        return (Session(request: record.request, run: record.run, events: events, logger: logger), record)
    }

    private func perform(_ session: Session, _ record: SessionRecord) async throws {
        let request = session.request
        var record = record
        guard !cancellations.contains(request.id) else {
            return try await finish(session, record, .cancelled, problem: nil)
        }
        guard let optimization = optimizations[request.type] else {
            let supported = optimizations.keys.sorted().joined(separator: ", ")
            return try await finish(
                session, record, .failed,
                problem: "The type \(request.type) is not supported by this worker (\(supported))")
        }
        guard request.host == nil || request.host == host else {
            return try await finish(session, record, .failed, problem: "The request is for another host")
        }
        if record.phase == .planning {
            do {
                try await makePlan(session, &record, optimization)
            } catch let error as OptimizationError {
                return try await finish(session, record, .failed, problem: error.message)
            }
        } else {
            try await announceResumption(session, record)
        }
        if request.isDryRun || cancellations.contains(request.id) {
            let status: OptimizationResult.Status = cancellations.contains(request.id) ? .cancelled : .completed
            return try await finish(session, record, status, problem: nil, optimization: optimization)
        }
        let isWhole = try await performSteps(session, &record, optimization)
        try await finish(
            session, record, isWhole ? .completed : .cancelled, problem: nil, optimization: optimization)
    }

    private func makePlan(
        _ session: Session, _ record: inout SessionRecord, _ optimization: any Optimization
    ) async throws {
        let request = session.request
        if await session.events.isFirst {
            try await journal.append([session.events.make("session.started")], to: request.id)
            await session.events.publishWhatCanBe()
        }
        session.logger.info(
            "session_started", ["type": .string(request.type), "dry_run": .bool(request.isDryRun)])
        try await journal.discardPlan(of: request.id)
        let context = planContext(request)
        let before = try await optimization.measure(context)
        let steps = try await optimization.plan(context)
        counters.planned(optimization, steps)
        try Task.checkCancellation()
        let planned = await session.events.make(
            "session.planned",
            [
                "plan": .list(steps.map { .facts($0.shown) }), "measured": .facts(before),
                "estimated_bytes": .int(steps.reduce(0) { $0 + ($1.skipReason == nil ? $1.estimatedBytes ?? 0 : 0) }),
            ])
        try await journal.savePlan(steps, before: before, session: request.id, events: [planned])
        await session.events.publishWhatCanBe()
        record.phase = .executing
        record.before = before
        record.steps = steps.enumerated().map { StepRecord(number: $0.offset, step: $0.element, state: .planned) }
    }

    private func announceResumption(_ session: Session, _ record: SessionRecord) async throws {
        let done = record.steps.filter { $0.state == .ended }.map { FactValue.text($0.step.name) }
        session.logger.notice("session_resumed", ["run": .int(Int64(record.run))])
        let event = await session.events.make(
            "session.resumed", ["run": .int(record.run), "steps_done_before": .list(done)])
        try await journal.append([event], to: session.request.id)
        await session.events.publishWhatCanBe()
    }

    func planContext(_ request: OptimizationRequest) -> PlanContext {
        PlanContext(request: request, time: time, thread: thread, journal: journal) { [cancellations] in
            cancellations.contains(request.id)
        }
    }
}

/// A session in this run of it.
struct Session: Sendable {
    let request: OptimizationRequest
    let run: Int
    let events: SessionEvents
    /// Names the session and its trace in every line.
    let logger: Logger
}
