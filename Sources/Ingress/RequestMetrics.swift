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
    }

    private let requests: Counter
    private let durations: Histogram
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
        self.slow = slow
        self.logger = logger.component("http")
    }

    /// Called on the event loop.
    func record(_ request: RequestObservation) {
        let series = series(of: Kind(method: request.method, route: request.route, status: request.status))
        series.requests.increment()
        series.durations.observe(request.duration)
        if request.duration >= slow, !isStream(request) {
            logger.warning("slow_request", fields(request))
        } else {
            logger.debug("request", fields(request))
        }
    }

    private func series(of kind: Kind) -> Series {
        known.withLock { known in
            if let series = known[kind] { return series }
            let series = Series(
                requests: requests.labelled([kind.method, kind.route, String(kind.status)]),
                durations: durations.labelled([kind.route]))
            known[kind] = series
            return series
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
