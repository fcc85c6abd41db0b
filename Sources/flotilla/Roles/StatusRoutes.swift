import BusClients
import Contracts
import HTTPKit
import Ingress
import Runtime

/// What a worker tells its operator over HTTP: `/health`, `/ready` and `/metrics`, without a token.
///
/// Names of queues and topics and figures, no payload; so it listens on loopback unless an operator says otherwise.
struct StatusRoutes: Sendable {
    let name: String
    let monitor: BusMonitor
    let metrics: MetricsRegistry
    let time: any TimeSource

    func server(host: String, port: Int, logger: Logger) -> any Service {
        var configuration = HTTPServerConfiguration(host: host, port: port)
        configuration.maxConnections = 64
        configuration.maxExchanges = 64
        configuration.drainDeadline = .seconds(1)
        var router = Router()
        router.on(.GET, "/health", .immediate { _, _ in status() })
        router.on(.GET, "/ready", .immediate { _, _ in ready() })
        router.on(
            .GET, "/metrics",
            .immediate { _, _ in
                .bytes(Array(metrics.render().utf8), contentType: "text/plain; version=0.0.4; charset=utf-8")
            })
        return HTTPServer(configuration: configuration, router: router, logger: logger, time: time)
    }

    private func status() -> HTTPResponse {
        var writer = JSONWriter(capacity: 2048)
        writer.object { writer in
            writer.member("status", "healthy")
            writer.member("process", name)
            writer.member("timestamp", time.now)
            writer.name("bus")
            monitor.health.write(to: &writer)
        }
        return .json(writer.bytes)
    }

    private func ready() -> HTTPResponse {
        let health = monitor.health
        var writer = JSONWriter(capacity: 128)
        writer.object { writer in
            writer.member("status", health.isReady ? "ready" : "bus_not_ready")
            writer.member("problems", health.problems)
            writer.member("timestamp", time.now)
        }
        var response = HTTPResponse.json(writer.bytes, status: health.isReady ? 200 : 503)
        if !health.isReady { response.headers.set("Retry-After", "1") }
        return response
    }
}
