internal import Contracts

/// How a step ended.
package struct StepOutcome: Sendable, Hashable {
    /// The way it ended.
    package enum Ending: String, Sendable {
        case completed
        /// Its preconditions do not hold.
        case skipped
        case failed
        /// Someone cancelled the session while it ran.
        case cancelled
    }

    package var ending: Ending
    /// Why it was skipped, failed or cancelled.
    package var reason: String?
    /// One honest line for each thing that was changed.
    package var changes: [String]
    /// What went wrong without failing the step.
    package var problems: [String]
    package var measured: Facts

    package init(
        _ ending: Ending, reason: String? = nil, changes: [String] = [], problems: [String] = [], measured: Facts = [:]
    ) {
        self.ending = ending
        self.reason = reason
        self.changes = changes
        self.problems = problems
        self.measured = measured
    }

    package static func skipped(_ reason: String, measured: Facts = [:]) -> StepOutcome {
        StepOutcome(.skipped, reason: reason, measured: measured)
    }

    package init(json: [UInt8]) throws {
        let value = try JSONDocument(parsing: json).root
        ending = try value.required("outcome", "an outcome") { $0.string.flatMap(Ending.init(rawValue:)) }
        reason = value["reason"]?.string
        changes = try value.requiredArray("changes").elements.compactMap(\.string)
        problems = try value.requiredArray("problems").elements.compactMap(\.string)
        measured = Facts(try value.requiredObject("measured"))
    }

    package var json: [UInt8] { facts.json }

    package var facts: Facts {
        [
            "outcome": .text(ending.rawValue), "reason": FactValue(reason),
            "changes": .list(changes.map(FactValue.text)), "problems": .list(problems.map(FactValue.text)),
            "measured": .facts(measured),
        ]
    }
}
