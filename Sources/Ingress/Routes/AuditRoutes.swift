internal import Contracts
internal import HTTPKit
internal import Runtime
internal import SQLiteKit

/// `GET /api/v1/audit`: who did what, the newest first.
struct AuditRoutes: RouteGroup {
    let context: IngressContext

    func register(in router: inout Router) {
        router.on(
            .GET, "/api/v1/audit",
            context.access.require("fleet:admin") { [self] request, _, _ in try await list(request) })
    }

    private func list(_ request: HTTPRequest) async throws -> HTTPResponse {
        var reader = QueryReader(request)
        var query = AuditQuery()
        query.who = reader.string("who")
        query.event = reader.string("event")
        query.target = reader.string("target")
        query.since = time("since", &reader)
        query.until = time("until", &reader)
        query.skip = reader.int("skip", default: 0, in: 0...1_000_000)
        query.limit = reader.int("limit", default: 100, in: 1...1000)
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

    private func time(_ name: String, _ reader: inout QueryReader) -> Timestamp? {
        guard let text = reader.string(name) else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            reader.fail("datetime_parsing", name, "Input should be an RFC 3339 time, such as 2026-01-31T12:00:00Z")
            return nil
        }
        return time
    }
}
