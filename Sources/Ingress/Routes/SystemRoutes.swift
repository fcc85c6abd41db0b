internal import Contracts
internal import HTTPKit
internal import Runtime
internal import SQLiteKit

/// `/api/v1/system/stats`, its history, and a sample on request.
struct SystemRoutes: RouteGroup {
    private let context: IngressContext
    private let hosts: HostProjection
    private let selection: HostSelection
    private let questions: HostQuestions

    init(context: IngressContext, hosts: HostProjection, questions: HostQuestions) {
        self.questions = questions
        self.context = context
        self.hosts = hosts
        selection = HostSelection(hosts: hosts, own: context.configuration.fleetHost)
    }

    func register(in api: inout API) {
        api.on(
            SystemOperations.stats,
            context.access.requireImmediate(SystemOperations.stats.permission) { [self] request, _, _ in
                try stats(request)
            })
        api.on(
            SystemOperations.history,
            context.access.require(SystemOperations.history.permission) { [self] request, _, _ in
                try await history(request)
            })
        api.on(
            SystemOperations.save,
            context.access.require(SystemOperations.save.permission) { [self] request, _, _ in
                try await save(request)
            })
    }

    /// Has a host's worker take a sample, and answers when it is in the history here.
    private func save(_ request: HTTPRequest) async throws -> HTTPResponse {
        let host = try selection.worker(of: request)
        let answer = try await questions.ask(host, HostQuestion.sample, Array("{}".utf8), for: request)
        guard case .sampled(let sampledAt) = answer.outcome else { throw HTTPError.unanswered(answer) }
        guard await hosts.wait(for: sampledAt, of: host, atMost: context.configuration.answerPatience) else {
            throw HTTPError(504, "timeout", "The sample is taken but not in the history yet.")
        }
        var writer = JSONWriter(capacity: 160)
        writer.object { writer in
            writer.member("message", "System stats saved")
            writer.member("host", host)
            writer.member("timestamp", sampledAt.naive)
        }
        return .json(writer.bytes)
    }

    private func stats(_ request: HTTPRequest) throws -> HTTPResponse {
        let answer = try selection.stats(of: request)
        if let body = answer.body, !hosts.isStale(answer.life) { return .json(body) }
        let host = try selection.host(of: request)
        guard let stats = host.stats else { throw HTTPError.unavailable(HostStats.notMeasured) }
        var writer = JSONWriter(capacity: 320)
        stats.write(to: &writer, isStale: hosts.isStale(host))
        return .json(writer.bytes)
    }

    private func history(_ request: HTTPRequest) async throws -> HTTPResponse {
        var query = QueryReader(request)
        let isGiven = query.has(SystemOperations.hours)
        let hours = query.value(SystemOperations.hours)
        try query.finish()
        let host = try selection.host(of: request).sample.host
        let end = context.time.now
        let start = end.advanced(by: .zero - .microseconds(Int64(hours * 3_600_000_000)))
        let stats = try await context.views.read { [limits = hosts.limits] in
            try $0.hostHistory(host, since: start, until: end, keeping: limits)
        }
        var writer = JSONWriter(capacity: 256 + stats.count * 288)
        writer.object { writer in
            writer.member("stats", array: { writer in for record in stats { record.write(to: &writer) } })
            writer.member("total_count", stats.count)
            writer.member(
                "time_range",
                object: { writer in
                    writer.member("start", start.naive)
                    writer.member("end", end.naive)
                    if isGiven { writer.member("hours", hours) } else { writer.member("hours", 24) }
                })
        }
        return .json(writer.bytes)
    }
}
