internal import Contracts
internal import HTTPKit

/// The operations that say whether the service works.
enum HealthOperations {
    static let health = Operation(
        .GET, "/health", .service, "Whether the service lives", access: .openWithDetails,
        answers: [.json("It does.", HealthSchemas.details)])

    static let ready = Operation(
        .GET, "/ready", .service, "Whether the service takes requests",
        explanation: "For load balancers: 503 while it starts, stops, or is without its bus.", access: .open,
        answers: [
            .json("It does.", HealthSchemas.readiness),
            .json(
                status: 503, "It does not.", .alternatives([HealthSchemas.readiness, ErrorAnswers.schema]),
                headers: [("Retry-After", .text("1"))]),
        ])

    static let hardware = ["/api/v1/hardware/health", "/api/v1/hardware/status"].map { path in
        Operation(
            .GET, path, .hardware, "How the ingress's own host is", access: .openWithDetails,
            answers: [.json("Null is what is unknown, or told with a token only.", HealthSchemas.hardware)],
            errors: [401: ErrorAnswers.unauthenticated])
    }

    static let routerHealth = Operation(
        .GET, "/api/v1/hardware/router/health", .hardware, "Whether the hardware API answers", access: .open,
        answers: [.json("It does.", HealthSchemas.router)])
}
