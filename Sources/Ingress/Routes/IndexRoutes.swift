internal import Contracts
internal import HTTPKit

/// `GET /`: what this service is and answers. Registered last, so that it lists every route.
struct IndexRoutes: RouteGroup {
    let version: String

    func register(in router: inout Router) {
        let endpoints = router.registered
        var writer = JSONWriter(capacity: 2048)
        writer.object { writer in
            writer.member("service", "flotilla")
            // The name that the optimizer service's clients know.
            writer.member("agent", "hardware-resource-optimizer")
            writer.member("status", "running")
            writer.member("version", version)
            writer.member("endpoints", endpoints.map { "\($0.method.rawValue) \($0.pattern)" })
        }
        let body = writer.bytes
        router.on(.GET, "/", .immediate { _, _ in .json(body) })
    }
}
