import Contracts
import OptimizeWorker
import Synchronization

/// An optimization whose steps do what a test says.
final class FakeOptimization: Optimization {
    typealias Body = @Sendable (PlannedStep, StepContext) async throws -> StepOutcome

    let type = "fake"
    private let steps: [PlannedStep]
    private let body: Body
    private let log = Mutex<[String]>([])

    init(_ steps: [PlannedStep], _ body: @escaping Body = { step, _ in FakeOptimization.done(step) }) {
        self.steps = steps
        self.body = body
    }

    /// The names of the steps that were performed, in order.
    var performed: [String] { log.withLock { $0 } }

    static func step(
        _ name: String, onFailure: PlannedStep.OnFailure = .goOn, skipReason: String? = nil
    ) -> PlannedStep {
        PlannedStep(
            name: name, title: name, evidence: ["seen": 1], estimatedBytes: 10, risk: .none,
            reversibility: .notNeeded, onFailure: onFailure, skipReason: skipReason)
    }

    static func done(_ step: PlannedStep) -> StepOutcome {
        StepOutcome(.completed, changes: ["did \(step.name)"])
    }

    func plan(_ context: PlanContext) async throws -> [PlannedStep] { steps }

    func measure(_ context: PlanContext) async throws -> Facts { ["level": .int(performed.count)] }

    func perform(_ step: PlannedStep, _ context: StepContext) async throws -> StepOutcome {
        log.withLock { $0.append(step.name) }
        return try await body(step, context)
    }

    func impact(before: Facts, after: Facts, steps: [StepRecord]) -> Facts {
        ["level_before": before["level"] ?? .null, "level_after": after["level"] ?? .null]
    }
}

/// Another optimization, with something that happens between its plan and its first step.
struct Interrupted<Base: Optimization>: Optimization {
    let base: Base
    let beforePerform: @Sendable () throws -> Void

    var type: String { base.type }

    func plan(_ context: PlanContext) async throws -> [PlannedStep] { try await base.plan(context) }

    func measure(_ context: PlanContext) async throws -> Facts { try await base.measure(context) }

    func perform(_ step: PlannedStep, _ context: StepContext) async throws -> StepOutcome {
        try beforePerform()
        return try await base.perform(step, context)
    }

    func impact(before: Facts, after: Facts, steps: [StepRecord]) -> Facts {
        base.impact(before: before, after: after, steps: steps)
    }

    func rollback(_ context: RollbackContext) async throws -> Facts? { try await base.rollback(context) }

    func freedMemory(impact: Facts) -> Double? { base.freedMemory(impact: impact) }
}
