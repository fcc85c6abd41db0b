internal import Contracts
internal import HTTPKit
internal import Runtime
internal import SQLiteKit

/// `/api/v1/hardware/analyze/security`: asks a host how safe it is, and says how safe this service is.
struct SecurityRoutes: RouteGroup {
    /// Refused sign-ins of a day from which on somebody may be guessing passwords.
    private static let manyRefusals = 50
    private static let day: Duration = .seconds(86_400)

    private let context: IngressContext
    private let selection: HostSelection
    private let questions: HostQuestions
    private let directory: AccountDirectory

    init(context: IngressContext, hosts: HostProjection, questions: HostQuestions, directory: AccountDirectory) {
        self.context = context
        selection = HostSelection(hosts: hosts, own: context.configuration.fleetHost)
        self.questions = questions
        self.directory = directory
    }

    func register(in api: inout API) {
        api.on(
            SecurityOperations.analyze,
            context.access.require(SecurityOperations.analyze.permission) { [self] request, _, _ in
                try await analyze(request)
            })
    }

    private func analyze(_ request: HTTPRequest) async throws -> HTTPResponse {
        let host = try selection.host(of: request).sample.host
        let answer = try await questions.ask(host, HostQuestion.security, Array("{}".utf8), for: request)
        guard case .security(let review) = answer.outcome else { throw HTTPError.unanswered(answer) }
        let checks = review.checks + (try await serviceChecks())
        let findings = checks.filter { $0.outcome == .finding }.sorted { $0.rank > $1.rank }
        var writer = JSONWriter(capacity: 256 * (checks.count + findings.count))
        writer.object { writer in
            writer.member("host", host)
            writer.member("checked_at", answer.answeredAt)
            writer.member(
                "counts",
                object: { writer in
                    for outcome in SecurityReview.Outcome.allCases {
                        writer.member(outcome.rawValue, checks.count { $0.outcome == outcome })
                    }
                })
            writer.member("findings", array: { writer in for check in findings { check.write(to: &writer) } })
            writer.member("checks", array: { writer in for check in checks { check.write(to: &writer) } })
        }
        return .json(writer.bytes)
    }

    private func serviceChecks() async throws -> [SecurityReview.Check] {
        let since = context.time.now.advanced(by: .zero - Self.day)
        let refusals = try await context.views.read { try $0.auditCount(of: "sign_in_refused", since: since) }
        return [access, encryption, administrators, guesses(refusals)]
    }

    private var access: SecurityReview.Check {
        let isOpen = context.configuration.access.mode == .open
        return .init(
            "service.access", isOpen ? .finding : .passed,
            isOpen ? "Everybody on this machine may do everything" : "Who may use the service",
            evidence: "FLOTILLA_AUTH=\(isOpen ? "open" : "required")", severity: isOpen ? .high : nil,
            advice: isOpen ? "Set FLOTILLA_AUTH to required." : nil)
    }

    private var encryption: SecurityReview.Check {
        let configuration = context.configuration
        let isPlain = configuration.tls == nil && !AccessConfiguration.isLoopback(configuration.host)
        return .init(
            "service.encryption", isPlain ? .finding : .passed,
            isPlain ? "Tokens and passwords travel unencrypted to this listener" : "Encryption of the listener",
            evidence: "\(configuration.host), \(configuration.tls == nil ? "HTTP" : "HTTPS")",
            severity: isPlain ? .high : nil,
            advice: isPlain
                ? "Set TLS_CERTIFICATE and TLS_PRIVATE_KEY, or listen on loopback behind a proxy that encrypts." : nil)
    }

    private var administrators: SecurityReview.Check {
        let names = directory.users.filter { $0.isActive && $0.isAdministrator }.map(\.username)
        return .init(
            "service.administrators", .passed, "Users who may do everything",
            evidence: names.isEmpty ? "none" : names.prefix(20).joined(separator: ", "))
    }

    private func guesses(_ refusals: Int) -> SecurityReview.Check {
        let isMany = refusals >= Self.manyRefusals
        return .init(
            "service.refused_sign_ins", isMany ? .finding : .passed,
            isMany ? "Somebody may be guessing passwords" : "Refused sign-ins of the last day", evidence: "\(refusals)",
            severity: isMany ? .medium : nil,
            advice: isMany ? "Look at flotilla audit --event sign_in_refused, and set RATE_LIMIT." : nil)
    }
}

extension SecurityReview.Check {
    /// The worst has the highest.
    fileprivate var rank: Int { severity.flatMap(AlertChange.Severity.allCases.firstIndex) ?? -1 }
}
