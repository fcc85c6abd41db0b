/// What a look at a host's safety found: each check with its outcome, so that nothing found is told from not looked at.
package struct SecurityReview: Sendable, Hashable {
    package enum Outcome: String, Sendable, CaseIterable {
        case passed
        /// There is something to do.
        case finding
        /// The host did not say, or it does not have it.
        case unknown
    }

    package struct Check: Sendable, Hashable {
        /// Such as `kernel.randomize_va_space`.
        package var name: String
        package var outcome: Outcome
        /// Only of a finding.
        package var severity: AlertChange.Severity?
        /// What is wrong, or what was looked at.
        package var title: String
        /// What was read, as text; nil where nothing was.
        package var evidence: String?
        /// What to do; only of a finding.
        package var advice: String?

        package init(
            _ name: String, _ outcome: Outcome, _ title: String, evidence: String?,
            severity: AlertChange.Severity? = nil, advice: String? = nil
        ) {
            self.name = name
            self.outcome = outcome
            self.title = title
            self.evidence = evidence
            self.severity = severity
            self.advice = advice
        }
    }

    package var checks: [Check]

    package init(checks: [Check]) { self.checks = checks }

    package init(_ value: JSONValue) throws(MessageError) {
        var checks: [Check] = []
        for element in try value.requiredArray("checks").elements {
            checks.append(
                Check(
                    try element.requiredString("name"),
                    try element.required("outcome", "an outcome") { $0.string.flatMap(Outcome.init(rawValue:)) },
                    try element.requiredString("title"), evidence: element["evidence"]?.string,
                    severity: element["severity"]?.string.flatMap(AlertChange.Severity.init(rawValue:)),
                    advice: element["advice"]?.string))
        }
        self.checks = checks
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("checks", array: { writer in for check in checks { check.write(to: &writer) } })
        }
    }
}

extension SecurityReview.Check {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("outcome", outcome.rawValue)
            writer.member("severity", severity?.rawValue)
            writer.member("title", title)
            writer.member("evidence", evidence)
            writer.member("advice", advice)
        }
    }

    package static let schema = Schema.object([
        .init("name", .text("kernel.randomize_va_space", "What was looked at.")),
        .init("outcome", .words(SecurityReview.Outcome.allCases.map(\.rawValue))),
        .init("severity", .words(AlertChange.Severity.allCases.map(\.rawValue), "Of a finding.").nullable),
        .init("title", .text("Addresses of programs are not randomized")),
        .init("evidence", .text("0", "What was read.").nullable),
        .init("advice", .text("Set kernel.randomize_va_space to 2.", "Of a finding.").nullable),
    ]).named("SecurityCheck")
}

extension SecurityReview {
    static let schema = Schema.object([.init("checks", .array(Check.schema))]).named("SecurityReview")
}
