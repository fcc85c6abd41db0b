internal import Contracts
internal import HTTPKit
internal import Runtime
internal import SQLiteKit

/// `/api/v1/hosts`: the hosts of the fleet.
struct HostRoutes: RouteGroup {
    let context: IngressContext
    let hosts: HostProjection
    let presence: HostPresenceProjection

    func register(in api: inout API) {
        api.on(
            HostOperations.list,
            context.access.require(HostOperations.list.permission) { [self] request, _, _ in try await list(request) })
    }

    private func list(_ request: HTTPRequest) async throws -> HTTPResponse {
        var query = QueryReader(request)
        let state = query.value(HostOperations.state).flatMap(HostChange.State.init)
        let pattern = query.value(HostOperations.pattern)
        let order = query.value(HostOperations.order).flatMap(HostSummary.Order.init) ?? .name
        let (limit, skip) = (query.value(HostOperations.limit), query.value(HostOperations.skip))
        try query.finish()
        let alerts = try await context.views.read { try $0.firingAlerts() }
        let all = summaries(alerts)
        let matching = all.filter { summary in
            (state == nil || summary.state == state) && pattern?.isFound(in: summary.name) != false
        }
        let page = matching.sorted(by: order).dropFirst(skip).prefix(limit)
        var writer = JSONWriter(capacity: 128 + page.count * 512)
        writer.object { writer in
            writer.member("hosts", array: { writer in for summary in page { summary.write(to: &writer) } })
            writer.member("total", matching.count)
            writer.member(
                "counts",
                object: { writer in
                    for state in HostChange.State.allCases {
                        writer.member(state.rawValue, all.count { $0.state == state })
                    }
                })
            writer.member("limit", limit)
            writer.member("skip", skip)
        }
        return .json(writer.bytes)
    }

    private func summaries(_ alerts: [String: Int]) -> [HostSummary] {
        let told = presence.changes
        return hosts.all.map { host in
            let name = host.sample.host
            let isStale = hosts.isStale(host)
            let state: HostChange.State = !isStale ? .up : told[name]?.state == .down ? .down : .stale
            return HostSummary(host: host, state: state, alerts: alerts[name] ?? 0)
        }
    }
}
