internal import HTTPKit
internal import Runtime
internal import Synchronization

/// Counts and logs finished requests, by route pattern.
final class RequestMetrics: Sendable {
    /// What has a series of its own.
    private struct Kind: Sendable, Hashable {
        let method: String
        let route: String
        let status: Int
    }

    private struct Series: Sendable {
        let requests: Counter.Handle
        let durations: Histogram.Handle
        /// Where the route is one of the optimizer's.
        let optimizerRequests: Counter.Handle?
    }

    private let requests: Counter
    private let durations: Histogram
    private let optimizerRequests: Counter
    private let slow: Duration
    private let logger: Logger
    /// The series of the kinds that there were: finding them by their labels costs more than updating them.
    private let known = Mutex<[Kind: Series]>([:])

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
        let series = series(of: Kind(method: request.method, route: request.route, status: request.status))
        series.requests.increment()
        series.optimizerRequests?.increment()
        series.durations.observe(request.duration)
        if request.duration >= slow, !isStream(request) {
            logger.warning("slow_request", fields(request))
        } else {
            logger.debug("request", fields(request))
        }
    }

    /// Whether a pattern is one of the hardware API or of the optimizer service, but for what both share with the fleet
    /// (`/health`, `/ready`, `/metrics`).
    static func isOfOptimizer(_ route: String) -> Bool {
        families.contains { family in
            guard route.hasPrefix(family) else { return false }
            let next = route.utf8.dropFirst(family.utf8.count).first
            return next == nil || next == UInt8(ascii: "/")
        }
    }

    private static let families = ["/api/v1/hardware", "/optimize", "/analyze", "/processes", "/status"]

    private func series(of kind: Kind) -> Series {
        known.withLock { known in
            if let series = known[kind] { return series }
            let series = Series(
                requests: requests.labelled([kind.method, kind.route, String(kind.status)]),
                durations: durations.labelled([kind.route]),
                optimizerRequests: Self.isOfOptimizer(kind.route)
                    ? optimizerRequests.labelled([kind.route, String(kind.status)]) : nil)
            known[kind] = series
            return series
        }
    }

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
