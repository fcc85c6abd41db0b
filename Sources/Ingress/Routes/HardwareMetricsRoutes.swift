internal import Contracts
internal import HTTPKit
internal import Runtime

/// `/api/v1/hardware/metrics` and its stream.
struct HardwareMetricsRoutes: RouteGroup {
    private static let permission = "hardware:monitor"

    private let context: IngressContext
    private let hosts: HostProjection
    private let selection: HostSelection

    init(context: IngressContext, hosts: HostProjection) {
        self.context = context
        self.hosts = hosts
        selection = HostSelection(hosts: hosts, own: context.configuration.fleetHost)
    }

    func register(in router: inout Router) {
        router.on(
            .GET, "/api/v1/hardware/metrics",
            context.access.requireImmediate(Self.permission) { [self] request, _, _ in try metrics(request) })
        router.on(
            .GET, "/api/v1/hardware/metrics/stream",
            context.access.requireImmediate(Self.permission) { [self] request, _, principal in
                try stream(request, principal)
            })
    }

    private func metrics(_ request: HTTPRequest) throws -> HTTPResponse {
        var query = QueryReader(request)
        let options = Self.options(&query)
        try query.finish()
        let host = try selection.host(of: request)
        return .json(SystemMetricsBody(host: host, isStale: hosts.isStale(host), options: options).json)
    }

    private func stream(_ request: HTTPRequest, _ principal: Principal) throws -> HTTPResponse {
        var query = QueryReader(request)
        let interval = query.int("interval", default: 5, in: 1...60)
        let isCSV = query.word("format", of: ["json", "csv"]) == "csv"
        var options = Self.options(&query)
        options.sampleDuration = min(interval, 10)
        try query.finish()
        let stream = MetricsStream(
            hosts: hosts, host: try selection.host(of: request).sample.host, interval: .seconds(interval),
            options: options, end: principal.expiresAt,
            isWelcome: { [access = context.access] in access.isCurrent(principal) }, time: context.time)
        return isCSV ? stream.csv : stream.events
    }

    /// The parameters of both. Processes and containers are not listed yet; their switches are checked all the same.
    private static func options(_ query: inout QueryReader) -> SystemMetricsBody.Options {
        _ = query.bool("include_processes", default: true)
        _ = query.bool("include_containers", default: true)
        var options = SystemMetricsBody.Options()
        options.includesNetwork = query.bool("include_network", default: true)
        options.includesDisk = query.bool("include_disk", default: true)
        options.includesGPU = query.bool("include_gpu", default: false)
        options.sampleDuration = query.int("sample_duration", default: 5, in: 1...60)
        return options
    }
}
