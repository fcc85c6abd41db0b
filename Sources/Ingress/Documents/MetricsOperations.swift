internal import Contracts
internal import HTTPKit

/// The operation of `/metrics`.
enum MetricsOperations {
    static let metrics = Operation(
        .GET, "/metrics", .service, "The figures of this process, for Prometheus",
        access: .loopbackOr("system:read"),
        answers: [
            AnswerDescription(
                "Prometheus text format 0.0.4.",
                contents: [("text/plain", .text("# TYPE http_requests_total counter"))])
        ])
}
