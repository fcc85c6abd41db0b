internal import Contracts
internal import HTTPKit
internal import Runtime
internal import SQLiteKit

/// `GET /api/v1/audit`: who did what, the newest first.
struct AuditRoutes: RouteGroup {
    let context: IngressContext

    func register(in api: inout API) {
        api.on(
            AuditOperations.list,
            context.access.require(AuditOperations.list.permission) { [self] request, _, _ in try await list(request) })
    }

    private func list(_ request: HTTPRequest) async throws -> HTTPResponse {
        var reader = QueryReader(request)
        var query = AuditQuery()
        query.who = reader.value(AuditOperations.who)
        query.event = reader.value(AuditOperations.event)
        query.target = reader.value(AuditOperations.target)
        query.since = reader.value(AuditOperations.since)
        query.until = reader.value(AuditOperations.until)
        query.skip = reader.value(AuditOperations.skip)
        query.limit = reader.value(AuditOperations.limit)
        try reader.finish()
        let found = try await context.views.read { [query] in try $0.audit(query) }
        var writer = JSONWriter(capacity: 64 + found.records.count * 320)
        writer.object { writer in
            writer.member(
                "records",
                array: { writer in
                    for record in found.records { record.write(to: &writer) }
                })
            writer.member("skip", query.skip)
            writer.member("limit", query.limit)
            writer.member("has_more", found.hasMore)
        }
        return .json(writer.bytes)
    }
}
