internal import Contracts
internal import HTTPKit

/// `/api/v1/hardware/processes`: asks a host for its processes.
struct ProcessRoutes: RouteGroup {
    private let access: Access
    private let selection: HostSelection
    private let questions: HostQuestions

    init(context: IngressContext, hosts: HostProjection, questions: HostQuestions) {
        access = context.access
        selection = HostSelection(hosts: hosts, own: context.configuration.fleetHost)
        self.questions = questions
    }

    func register(in api: inout API) {
        api.on(
            ProcessOperations.list,
            access.require(ProcessOperations.list.permission) { [self] request, _, _ in try await list(request) })
    }

    private func list(_ request: HTTPRequest) async throws -> HTTPResponse {
        var reader = QueryReader(request)
        var query = ProcessQuery()
        query.order = reader.value(ProcessOperations.order).flatMap(ProcessQuery.Order.init) ?? .cpu
        query.limit = reader.value(ProcessOperations.limit)
        // Compiled here to refuse what is no pattern; the worker compiles it again.
        if reader.value(ProcessOperations.pattern) != nil {
            query.pattern = reader.string(ProcessOperations.pattern.description.name)
        }
        query.minimumCPUPercent = reader.value(ProcessOperations.minimumCPU)
        query.minimumMemoryMiB = reader.value(ProcessOperations.minimumMemory)
        try reader.finish()
        let host = try selection.host(of: request).sample.host
        let answer = try await questions.ask(host, HostQuestion.processes, query.json, for: request)
        return try Self.response(answer)
    }

    private static func response(_ answer: HostAnswer) throws(HTTPError) -> HTTPResponse {
        switch answer.outcome {
        case .processes(let processes):
            var writer = JSONWriter(capacity: 256 * processes.count + 2)
            writer.array { writer in for process in processes { process.write(to: &writer) } }
            return .json(writer.bytes)
        case .failed(.unsupported):
            throw .unavailable("The host's worker is of a version that does not list processes so.", retryAfter: 60)
        case .failed(.unreadable), .failed(.unsaved), .sampled:
            throw .unavailable("The host's processes cannot be listed.", retryAfter: 5)
        }
    }
}
