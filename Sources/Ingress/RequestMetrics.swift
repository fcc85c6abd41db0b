internal import HTTPKit
internal import Runtime

/// Counts and logs finished requests, by route pattern.
struct RequestMetrics: Sendable {
    private let requests: Counter
    private let durations: Histogram
    private let slow: Duration
    private let logger: Logger

    init(metrics: MetricsRegistry, slow: Duration, logger: Logger) {
        requests = metrics.counter(
            "flotilla_http_requests_total", help: "Requests answered.", labels: ["method", "route", "status"])
        durations = metrics.histogram(
            "flotilla_http_request_duration_seconds", help: "From the request line to the last byte of the answer.",
            labels: ["route"])
        self.slow = slow
        self.logger = logger.component("http")
    }

    /// Called on the event loop.
    func record(_ request: RequestObservation) {
        requests.increment(by: 1, [request.method, request.route, String(request.status)])
        durations.observe(request.duration / .seconds(1), [request.route])
        if request.duration >= slow, !isStream(request) {
            logger.warning("slow_request", fields(request))
        } else {
            logger.debug("request", fields(request))
        }
    }

    private func isStream(_ request: RequestObservation) -> Bool { request.route.hasSuffix("/stream") }

    private func fields(_ request: RequestObservation) -> LogFields {
        [
            "method": .string(request.method), "route": .string(request.route), "status": .int(Int64(request.status)),
            "seconds": .double(request.duration / .seconds(1)), "bytes_in": .int(Int64(request.bytesIn)),
            "bytes_out": .int(Int64(request.bytesOut)), "request_id": .string(request.requestID),
            "peer": .string(request.client.host),
        ]
    }
}
