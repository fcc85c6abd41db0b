internal import Contracts
internal import HTTPKit
internal import Runtime

/// `/api/v1/hardware/metrics` and its stream.
struct HardwareMetricsRoutes: RouteGroup {
    private let context: IngressContext
    private let hosts: HostProjection
    private let selection: HostSelection
    private let top: TopProcesses

    init(context: IngressContext, hosts: HostProjection, questions: HostQuestions) {
        self.context = context
        self.hosts = hosts
        selection = HostSelection(hosts: hosts, own: context.configuration.fleetHost)
        top = TopProcesses(questions: questions)
    }

    func register(in api: inout API) {
        api.on(
            HardwareMetricsOperations.metrics,
            context.access.require(HardwareMetricsOperations.metrics.permission) { [self] request, _, _ in
                try await metrics(request)
            })
        api.on(
            HardwareMetricsOperations.stream,
            context.access.requireImmediate(HardwareMetricsOperations.stream.permission) {
                [self] request, _, principal in
                try stream(request, principal)
            })
    }

    private func metrics(_ request: HTTPRequest) async throws -> HTTPResponse {
        var query = QueryReader(request)
        let hasProcesses = query.value(HardwareMetricsOperations.processes)
        let options = Self.options(&query)
        try query.finish()
        let host = try selection.host(of: request)
        var body = SystemMetricsBody(host: host, isStale: hosts.isStale(host), options: options)
        if hasProcesses { body.processes = await top.list(host, isStale: body.isStale, for: request) }
        return .json(body.json)
    }

    private func stream(_ request: HTTPRequest, _ principal: Principal) throws -> HTTPResponse {
        var query = QueryReader(request)
        let interval = query.value(HardwareMetricsOperations.interval)
        let isCSV = query.value(HardwareMetricsOperations.format) == "csv"
        let hasProcesses = query.value(HardwareMetricsOperations.streamedProcesses)
        var options = Self.options(&query)
        options.sampleDuration = min(interval, 10)
        try query.finish()
        var processes: (@Sendable (HostState) async -> TopProcesses.Outcome)?
        if hasProcesses {
            processes = { [top, hosts] host in await top.list(host, isStale: hosts.isStale(host), for: request) }
        }
        let stream = MetricsStream(
            hosts: hosts, host: try selection.host(of: request).sample.host, interval: .seconds(interval),
            options: options, processes: processes, end: principal.expiresAt,
            isWelcome: { [access = context.access] in access.isCurrent(principal) }, time: context.time)
        return isCSV ? stream.csv : stream.events
    }

    /// The parameters that both have.
    private static func options(_ query: inout QueryReader) -> SystemMetricsBody.Options {
        var options = SystemMetricsBody.Options()
        options.includesContainers = query.value(HardwareMetricsOperations.containers)
        options.includesNetwork = query.value(HardwareMetricsOperations.network)
        options.includesDisk = query.value(HardwareMetricsOperations.disk)
        options.includesGPU = query.value(HardwareMetricsOperations.gpu)
        options.sampleDuration = query.value(HardwareMetricsOperations.sampleDuration)
        return options
    }
}
