internal import Contracts
internal import HTTPKit
internal import Runtime

/// `/api/v1/hardware/metrics` and its stream.
struct HardwareMetricsRoutes: RouteGroup {
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
            HardwareMetricsOperations.metrics,
            context.access.requireImmediate(HardwareMetricsOperations.metrics.permission) { [self] request, _, _ in
                try metrics(request)
            })
        api.on(
            HardwareMetricsOperations.stream,
            context.access.requireImmediate(HardwareMetricsOperations.stream.permission) {
                [self] request, _, principal in
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
        let interval = query.value(HardwareMetricsOperations.interval)
        let isCSV = query.value(HardwareMetricsOperations.format) == "csv"
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
        _ = query.value(HardwareMetricsOperations.processes)
        _ = query.value(HardwareMetricsOperations.containers)
        var options = SystemMetricsBody.Options()
        options.includesNetwork = query.value(HardwareMetricsOperations.network)
        options.includesDisk = query.value(HardwareMetricsOperations.disk)
        options.includesGPU = query.value(HardwareMetricsOperations.gpu)
        options.sampleDuration = query.value(HardwareMetricsOperations.sampleDuration)
        return options
    }
}
