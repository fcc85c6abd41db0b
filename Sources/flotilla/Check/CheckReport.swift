import Contracts

/// What `flotilla check` found.
struct CheckReport: Sendable {
    /// One thing that was looked at.
    struct Finding: Sendable, Hashable {
        enum Verdict: String, Sendable { case ok, warning, problem }

        /// A setting's name, or what else it is about.
        var subject: String
        var verdict: Verdict
        var detail: String

        init(_ subject: String, _ verdict: Verdict, _ detail: String) {
            self.subject = subject
            self.verdict = verdict
            self.detail = detail
        }
    }

    var settings: [EffectiveSetting]
    var findings: [Finding]
    /// Whether a warning counts as a problem.
    var isStrict: Bool

    /// `.configuration` when something is wrong.
    var exit: ExitCode { isValid ? .success : .configuration }

    private var isValid: Bool {
        findings.allSatisfy { $0.verdict == .ok || ($0.verdict == .warning && !isStrict) }
    }

    /// As people read it.
    func lines(_ style: TextStyle) -> [String] {
        var values = TextTable(columns: [.init(title: "SETTING"), .init(title: "VALUE"), .init(title: "FROM")])
        values.rows = settings.map { setting in
            [
                TextTable.Cell(setting.name), TextTable.Cell(setting.shown.shown(atMost: 80)),
                TextTable.Cell(setting.source, setting.isGiven ? .plain : .faint),
            ]
        }
        var checks = TextTable(columns: [.init(title: "CHECK"), .init(title: "RESULT"), .init(title: "DETAIL")])
        checks.rows = findings.map { finding in
            let tone: TextTable.Cell.Tone =
                switch finding.verdict {
                case .ok: .good
                case .warning: .warning
                case .problem: .bad
                }
            return [
                TextTable.Cell(finding.subject), TextTable.Cell(finding.verdict.rawValue, tone),
                TextTable.Cell(finding.detail.shown(atMost: 400)),
            ]
        }
        return values.lines(style) + [""] + checks.lines(style) + ["", summary]
    }

    private var summary: String {
        let problems = findings.count { $0.verdict == .problem }
        let warnings = findings.count { $0.verdict == .warning }
        let verdict = isValid ? "'flotilla up' would run with this." : "'flotilla up' should not run with this."
        return "\(verdict) Problems: \(problems), warnings: \(warnings)."
    }

    /// One JSON object; a secret's value is never in it.
    var json: [UInt8] {
        var writer = JSONWriter(capacity: 4096)
        writer.object { writer in
            writer.member("valid", isValid)
            writer.member(
                "settings",
                array: { writer in
                    for setting in settings {
                        writer.object { writer in
                            writer.member("name", setting.name)
                            writer.member("value", setting.isSecret ? nil : setting.value)
                            writer.member("secret", setting.isSecret)
                            writer.member("set", setting.isGiven)
                            writer.member("source", setting.source)
                        }
                    }
                })
            writer.member(
                "checks",
                array: { writer in
                    for finding in findings {
                        writer.object { writer in
                            writer.member("check", finding.subject)
                            writer.member("result", finding.verdict.rawValue)
                            writer.member("detail", finding.detail)
                        }
                    }
                })
        }
        return writer.bytes
    }
}
