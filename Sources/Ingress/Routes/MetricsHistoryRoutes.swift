internal import Contracts
internal import HTTPKit
internal import Runtime
internal import SQLiteKit

/// `GET /api/v1/hardware/metrics/history`.
struct MetricsHistoryRoutes: RouteGroup {
    private typealias Operations = MetricsHistoryOperations

    let context: IngressContext
    let selection: HostSelection

    func register(in api: inout API) {
        api.on(
            Operations.history,
            context.access.require(Operations.history.permission) { [self] request, _, _ in
                try await history(request)
            })
    }

    private func history(_ request: HTTPRequest) async throws -> HTTPResponse {
        var reader = QueryReader(request)
        let (start, end) = time(&reader)
        let step = reader.value(Operations.step).map(Int64.init)
        let metrics = reader.value(Operations.metrics) ?? HostMetric.names
        let statistics = reader.value(Operations.statistics).map { $0.compactMap(MetricStatistic.init) }
        var query = MetricsRange.Query(
            host: "", start: start, end: end, step: step, metrics: metrics.compactMap { HostMetric.places[$0] })
        if let step, query.span / step > MetricsRange.maximumPoints {
            reader.fail(
                "too_many_points", "step",
                "Input should make at most \(MetricsRange.maximumPoints) buckets of the time that is asked for")
        }
        try reader.finish()
        query.host = try selection.host(of: request).sample.host
        let range = try await context.views.read { [query] in try $0.metricsRange(query) }
        return .json(range.json(statistics ?? MetricStatistic.allCases))
    }

    private func time(_ reader: inout QueryReader) -> (start: Timestamp, end: Timestamp) {
        let end = reader.value(Operations.end) ?? context.time.now
        let hours = reader.value(Operations.hours)
        let back = end.advanced(by: .zero - .microseconds(Int64(hours * 3_600_000_000)))
        guard let start = reader.value(Operations.start) else {
            return (max(back, Timestamp(microseconds: 0)), end)
        }
        if reader.has(Operations.hours) {
            reader.fail("conflict", "hours", "Input should not be given together with start")
        }
        guard start < end else {
            reader.fail("date_range", "start", "Input should be before the end")
            return (back, end)
        }
        return (start, end)
    }
}
