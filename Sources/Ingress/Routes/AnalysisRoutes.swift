internal import Contracts
internal import HTTPKit
internal import Runtime
internal import SQLiteKit

/// `/api/v1/hardware/analyze/performance` and `capacity`.
struct AnalysisRoutes: RouteGroup {
    private typealias Operations = AnalysisOperations

    let context: IngressContext
    let selection: HostSelection

    func register(in api: inout API) {
        api.on(
            Operations.performance,
            context.access.require(Operations.performance.permission) { [self] request, _, _ in
                try await performance(request)
            })
        api.on(
            Operations.capacity,
            context.access.require(Operations.capacity.permission) { [self] request, _, _ in
                try await capacity(request)
            })
    }

    private func performance(_ request: HTTPRequest) async throws -> HTTPResponse {
        var reader = QueryReader(request)
        let hours = reader.value(Operations.window)
        let includesPredictions = reader.value(Operations.predictions)
        try reader.finish()
        let range = try await range(
            request, hours: hours, step: HostTier.minutes.resolution, Array(HostMetric.all.indices))
        return .json(PerformanceAnalysis(range).json(includesPredictions: includesPredictions))
    }

    private func capacity(_ request: HTTPRequest) async throws -> HTTPResponse {
        var reader = QueryReader(request)
        let days = reader.value(Operations.days)
        let scenarios = reader.value(Operations.scenarios)?.compactMap(CapacityForecast.Scenario.init)
        try reader.finish()
        let range = try await range(
            request, hours: CapacityForecast.historyDays * 24, step: HostTier.hours.resolution,
            CapacityAnalysis.metrics)
        let all = CapacityForecast.Scenario.allCases
        return .json(CapacityAnalysis(range: range, days: days, scenarios: scenarios ?? all).json)
    }

    private func range(
        _ request: HTTPRequest, hours: Int, step: Int64, _ metrics: [Int]
    ) async throws -> MetricsRange {
        let end = context.time.now
        let query = MetricsRange.Query(
            host: try selection.host(of: request).sample.host, start: end.advanced(by: .seconds(-3600 * hours)),
            end: end, step: step, metrics: metrics)
        return try await context.views.read { try $0.metricsRange(query) }
    }
}
