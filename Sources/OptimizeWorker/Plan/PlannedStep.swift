internal import Contracts

/// One step of a plan: what would be done, why, what it should bring, and what it may cost.
///
/// A plan is data: it is kept in the journal, shown for review, and executed as it stands there.
package struct PlannedStep: Sendable, Hashable {
    /// What may go wrong.
    package enum Risk: String, Sendable {
        /// Nothing changes for anyone.
        case none
        /// Slower for a moment.
        case low
        /// Slower for a while, or a program may miss something.
        case medium
        case high
    }

    /// Whether it can be taken back.
    package enum Reversibility: String, Sendable {
        /// It leaves nothing to take back.
        case notNeeded = "not_needed"
        /// With what the journal keeps.
        case reversible
        case irreversible
    }

    /// What the session does when the step fails.
    package enum OnFailure: String, Sendable { case goOn = "continue", stop }

    /// Unique in its plan, such as `compaction` or `old_files:/tmp`.
    package var name: String
    package var title: String
    /// What was read on the host that speaks for the step, or against it.
    package var evidence: Facts
    /// Bytes that it should free; nil when that cannot be known.
    package var estimatedBytes: Int?
    package var risk: Risk
    package var reversibility: Reversibility
    package var onFailure: OnFailure
    /// Why the step is not to be done; nil when it is.
    package var skipReason: String?
    /// What the optimization needs to perform it; not shown.
    package var parameters: Facts

    package init(
        name: String, title: String, evidence: Facts = [:], estimatedBytes: Int? = nil, risk: Risk,
        reversibility: Reversibility, onFailure: OnFailure = .goOn, skipReason: String? = nil, parameters: Facts = [:]
    ) {
        self.name = name
        self.title = title
        self.evidence = evidence
        self.estimatedBytes = estimatedBytes
        self.risk = risk
        self.reversibility = reversibility
        self.onFailure = onFailure
        self.skipReason = skipReason
        self.parameters = parameters
    }

    package init(json: [UInt8]) throws {
        let value = try JSONDocument(parsing: json).root
        name = try value.requiredString("step")
        title = try value.requiredString("title")
        evidence = Facts(try value.requiredObject("evidence"))
        estimatedBytes = value["estimated_bytes"]?.int
        risk = try value.required("risk", "a risk") { $0.string.flatMap(Risk.init(rawValue:)) }
        reversibility = try value.required("reversibility", "a reversibility") {
            $0.string.flatMap(Reversibility.init(rawValue:))
        }
        onFailure = try value.required("on_failure", "an action") { $0.string.flatMap(OnFailure.init(rawValue:)) }
        skipReason = value["skip_reason"]?.string
        parameters = Facts(try value.requiredObject("parameters"))
    }

    package var json: [UInt8] {
        var facts = shown
        facts["parameters"] = .facts(parameters)
        return facts.json
    }

    /// What a reviewer sees.
    package var shown: Facts {
        [
            "step": .text(name), "title": .text(title), "evidence": .facts(evidence),
            "estimated_bytes": FactValue(estimatedBytes), "risk": .text(risk.rawValue),
            "reversibility": .text(reversibility.rawValue), "on_failure": .text(onFailure.rawValue),
            "skip_reason": FactValue(skipReason),
        ]
    }
}
