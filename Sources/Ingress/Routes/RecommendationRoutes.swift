internal import Contracts
internal import HTTPKit
internal import Runtime
internal import SQLiteKit

/// `GET /api/v1/hardware/recommendations`.
struct RecommendationRoutes: RouteGroup {
    let context: IngressContext
    let selection: HostSelection

    func register(in api: inout API) {
        api.on(
            RecommendationOperations.list,
            context.access.require(RecommendationOperations.list.permission) { [self] request, _, _ in
                try await list(request)
            })
    }

    private func list(_ request: HTTPRequest) async throws -> HTTPResponse {
        var reader = QueryReader(request)
        let category = reader.value(RecommendationOperations.category)
        let priority = reader.value(RecommendationOperations.priority)
        let complexity = reader.value(RecommendationOperations.complexity)
        let limit = reader.value(RecommendationOperations.limit)
        try reader.finish()
        let sample = try selection.host(of: request).sample
        let now = context.time.now
        let evidence = try await context.views.read { try $0.hostEvidence(sample, now: now) }
        let found = RecommendationRules.recommendations(for: evidence).filter { found in
            (category.map { found.category.rawValue == $0 } ?? true)
                && (priority.map { found.priority.rawValue == $0 } ?? true)
                && (complexity.map { found.complexity.rawValue == $0 } ?? true)
        }
        var writer = JSONWriter(capacity: 1024)
        writer.array { writer in for found in found.prefix(limit) { found.write(host: sample.host, to: &writer) } }
        return .json(writer.bytes)
    }
}
