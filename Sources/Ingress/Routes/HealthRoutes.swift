internal import BusClients
internal import Contracts
internal import HTTPKit
internal import Runtime
internal import SQLiteKit

/// Whether the ingress works: status only for everyone, more with a token.
struct HealthRoutes: RouteGroup {
    private let context: IngressContext
    private let runner: ProjectionRunner
    private let hosts: HostProjection
    private let cached: CachedHealth
    private let startedAt: Duration
    private let isStopping: @Sendable () -> Bool

    /// - Parameter isStopping: Whether a stop was asked for; called for each `/ready`.
    init(
        context: IngressContext, runner: ProjectionRunner, hosts: HostProjection,
        isStopping: @escaping @Sendable () -> Bool
    ) {
        self.isStopping = isStopping
        self.context = context
        self.runner = runner
        self.hosts = hosts
        cached = CachedHealth(time: context.time)
        startedAt = context.time.uptime
    }

    func register(in api: inout API) {
        api.on(HealthOperations.health, .immediate { [self] request, _ in health(request) })
        api.on(HealthOperations.ready, .immediate { [self] _, _ in ready() })
        for operation in HealthOperations.hardware {
            api.on(operation, .deferred { [self] request, _ in try await hardwareHealth(request) })
        }
        api.on(HealthOperations.routerHealth, .immediate { [self] _, _ in routerHealth() })
    }

    private var uptime: Double { (context.time.uptime - startedAt) / .seconds(1) }

    private func health(_ request: HTTPRequest) -> HTTPResponse {
        guard sender(of: request) != nil else { return cached.response }
        let bus = context.bus.monitor?.health
        var writer = JSONWriter(capacity: 2048)
        writer.object { writer in
            writer.member("status", "healthy")
            writer.member("timestamp", context.time.now)
            writer.member("version", context.configuration.version)
            writer.member("host", context.configuration.fleetHost)
            writer.member("uptime_seconds", uptime)
            writer.member("ready", runner.isCaughtUp && (bus?.isReady ?? true))
            writer.member(
                "projections",
                array: { writer in
                    for state in runner.states {
                        writer.object { writer in
                            writer.member("projection", state.projection)
                            writer.member("source", state.source)
                            writer.member("caught_up", state.isCaughtUp)
                        }
                    }
                })
            writer.member("hosts", hosts.names.count)
            writer.name("bus")
            if let bus { bus.write(to: &writer) } else { writer.null() }
        }
        return .json(writer.bytes)
    }

    /// Who asks, where they say so. Unlike elsewhere, open access gives no details by itself: `/health` stays cached.
    private func sender(of request: HTTPRequest) -> Principal? {
        guard request.headers.contains("Authorization") || request.headers.contains("X-API-Key") else { return nil }
        return context.access.recognize(request)
    }

    private func ready() -> HTTPResponse {
        let isBusReady = context.bus.monitor?.health.isReady ?? true
        let isStopping = isStopping()
        let isReady = runner.isCaughtUp && isBusReady && !isStopping
        let problem = isStopping ? "stopping" : isBusReady ? "catching_up" : "bus_not_ready"
        var writer = JSONWriter(capacity: 64)
        writer.object { writer in
            writer.member("status", isReady ? "ready" : problem)
            writer.member("timestamp", context.time.now)
        }
        var response = HTTPResponse.json(writer.bytes, status: isReady ? 200 : 503)
        if !isReady { response.headers.set("Retry-After", "1") }
        return response
    }

    /// The hardware API's `HardwareStatus` of this ingress's host: all 11 keys, null without a token.
    private func hardwareHealth(_ request: HTTPRequest) async throws -> HTTPResponse {
        let showsDetails = try context.access.identify(request) != nil
        let host = showsDetails ? hosts.host(context.configuration.fleetHost) : nil
        let (active, last) =
            showsDetails
            ? try await context.views.read { (try $0.runningOptimizations(), try $0.lastCompletedOptimization()) }
            : (0, nil)
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            writer.member("status", "healthy")
            writer.member("agent", "hardware-resource-optimizer")
            writer.member("timestamp", context.time.now)
            writer.member("version", showsDetails ? context.configuration.version : nil)
            writer.member("description", "Watches and optimizes the hosts of a fleet")
            // Whether Docker answers is the workers' knowledge, which they do not report yet.
            writer.member("docker_available", Bool?.none)
            writer.name("system_status")
            Self.writeStatus(of: host, to: &writer)
            writer.member("uptime_seconds", showsDetails ? uptime : nil)
            writer.member("last_optimization", last)
            writer.member("active_optimizations", active)
            writer.member("system_health_score", host.flatMap(Self.score))
        }
        return .json(writer.bytes)
    }

    private static func writeStatus(of host: HostState?, to writer: inout JSONWriter) {
        guard let sample = host?.sample else { return writer.null() }
        writer.object { writer in
            writer.member("cpu_percent", sample.cpu.busyPercent)
            writer.member("memory_percent", sample.memory.usedPercent)
            writer.member("disk_percent", sample.rootFileSystem?.usedPercent)
        }
    }

    /// 100 less the fullest of processor, memory and disk; nil while one is unknown.
    private static func score(_ host: HostState) -> Double? {
        guard let cpu = host.sample.cpu.busyPercent, let memory = host.sample.memory.usedPercent,
            let disk = host.sample.rootFileSystem?.usedPercent
        else { return nil }
        return 100 - max(cpu, memory, disk)
    }

    private func routerHealth() -> HTTPResponse {
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            writer.member("status", "healthy")
            writer.member("timestamp", context.time.now)
            writer.member("router_version", "1.0.0")
            writer.member("client_initialized", true)
            writer.member("cache_functional", true)
            // There is no service behind this one to call: its workers are on the bus.
            writer.member("hardware_service_url", String?.none)
            writer.member(
                "configuration",
                object: { writer in
                    writer.member("timeout", 30)
                    writer.member("cache_ttl", 0)
                    writer.member("max_retries", 0)
                })
        }
        return .json(writer.bytes)
    }
}
