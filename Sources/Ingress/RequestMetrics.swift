internal import HTTPKit
internal import Runtime

/// Counts and logs finished requests, by route pattern.
struct RequestMetrics: Sendable {
    private let requests: Counter
    private let durations: Histogram
    private let optimizerRequests: Counter
    private let slow: Duration
    private let logger: Logger

    init(metrics: MetricsRegistry, slow: Duration, logger: Logger) {
        requests = metrics.counter(
            "flotilla_http_requests_total", help: "Requests answered.", labels: ["method", "route", "status"])
        durations = metrics.histogram(
            "flotilla_http_request_duration_seconds", help: "From the request line to the last byte of the answer.",
            labels: ["route"])
        optimizerRequests = metrics.counter(
            "hardware_optimizer_requests_total", help: "Requests to the hardware and optimizer routes.",
            labels: ["endpoint", "status"])
        self.slow = slow
        self.logger = logger.component("http")
    }

    /// Called on the event loop.
    func record(_ request: RequestObservation) {
        requests.increment(by: 1, [request.method, request.route, String(request.status)])
        durations.observe(request.duration / .seconds(1), [request.route])
        if Self.isOfOptimizer(request.route) {
            optimizerRequests.increment(by: 1, [request.route, String(request.status)])
        }
        if request.duration >= slow, !isStream(request) {
            logger.warning("slow_request", fields(request))
        } else {
            logger.debug("request", fields(request))
        }
    }

    /// Whether a pattern is one of the hardware API or of the optimizer service, but for what both share with the fleet
    /// (`/health`, `/ready`, `/metrics`).
    static func isOfOptimizer(_ route: String) -> Bool {
        // The routes that are asked most are told apart by one byte.
        guard let byte = route.utf8.dropFirst().first, byte != UInt8(ascii: "h") else { return false }
        return families.contains { family in
            guard route.hasPrefix(family) else { return false }
            let next = route.utf8.dropFirst(family.utf8.count).first
            return next == nil || next == UInt8(ascii: "/")
        }
    }

    private static let families = ["/api/v1/hardware", "/optimize", "/analyze", "/processes", "/status"]

    private func isStream(_ request: RequestObservation) -> Bool { request.route.hasSuffix("/stream") }

    private func fields(_ request: RequestObservation) -> LogFields {
        let fields: LogFields = [
            "method": .string(request.method), "route": .string(request.route), "status": .int(Int64(request.status)),
            "seconds": .double(request.duration / .seconds(1)), "bytes_in": .int(Int64(request.bytesIn)),
            "bytes_out": .int(Int64(request.bytesOut)), "peer": .string(request.client.host),
        ]
        return fields.merging(request.logFields)
    }
}
