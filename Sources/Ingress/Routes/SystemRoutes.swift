internal import Contracts
internal import HTTPKit
internal import Runtime
internal import SQLiteKit

/// `/api/v1/system/stats` and its history.
struct SystemRoutes: RouteGroup {
    private let context: IngressContext
    private let hosts: HostProjection
    private let selection: HostSelection

    init(context: IngressContext, hosts: HostProjection) {
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
        let stats = try await context.views.read { try $0.hostHistory(host, since: start, until: end) }
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
