internal import Contracts
internal import HTTPKit

/// Finds the host that a request is about.
struct HostSelection: Sendable {
    static let parameter = QueryParameter.text(
        "host", "The name of a host; without it the ingress's own, or the only one of the fleet.", example: "gpu-7")
    static let errors = [404: "There is no such host, or none is named and there are several."]

    let hosts: HostProjection
    /// The ingress's own host.
    let own: String

    /// The host named by `host=`; else the ingress's own, or the only one of the fleet.
    /// - Throws: 404 for an unknown one, 503 before the first sample.
    func host(of request: HTTPRequest) throws(HTTPError) -> HostState { try find(request, hosts.host) }

    /// The answer of that host to `/api/v1/system/stats`, as long as it reports.
    /// - Throws: 404 for an unknown one, 503 before the first sample.
    func stats(of request: HTTPRequest) throws(HTTPError) -> HostStatsAnswer { try find(request, hosts.stats) }

    private func find<Found>(_ request: HTTPRequest, _ look: (String) -> Found?) throws(HTTPError) -> Found {
        if let name = Self.name(in: request) {
            guard let host = look(name) else { throw .unknown("host") }
            return host
        }
        if let host = look(own) { return host }
        let names = hosts.names
        guard let only = names.first, let host = look(only) else {
            throw .unavailable("No host has reported yet.")
        }
        guard names.count == 1 else {
            throw HTTPError(404, "not_found", "This host does not report; name one of the fleet with host=.")
        }
        return host
    }

    private static func name(in request: HTTPRequest) -> String? {
        var query = QueryReader(request)
        return query.value(parameter)
    }

    /// The name of the host that shall do something: the one named, if it is known, else the ingress's own, or the
    /// only one of the fleet.
    func worker(of request: HTTPRequest) throws(HTTPError) -> String {
        guard Self.name(in: request) == nil else { return try host(of: request).sample.host }
        let names = hosts.names
        return names.count == 1 && names[0] != own ? names[0] : own
    }
}
