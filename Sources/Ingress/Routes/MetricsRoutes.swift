internal import HTTPKit
internal import Runtime

/// `GET /metrics`: Prometheus text, for loopback peers and for tokens with `system:read`.
struct MetricsRoutes: RouteGroup {
    let context: IngressContext

    func register(in api: inout API) {
        api.on(
            MetricsOperations.metrics,
            .deferred { [context] request, _ in
                let isLocal = request.peer.isLoopback && request.client.isLoopback
                if !isLocal { _ = try context.access.authorize(request, "system:read") }
                return .bytes(
                    Array(context.metrics.render().utf8), contentType: "text/plain; version=0.0.4; charset=utf-8")
            })
    }
}
