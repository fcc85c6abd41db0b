import BusClients
import BusTestKit
import Contracts
import DocumentTestKit
import Runtime
import Synchronization
import Testing

@testable import Ingress

/// An ingress on an embedded bus in a folder of its own, on a port that the kernel chose.
struct TestIngress: Sendable {
    static let secret = "0123456789abcdef0123456789abcdef"

    let service: IngressService
    let bus: Bus
    let client: TestClient
    let log: LogMemory
    let folder: String

    /// Starts one, runs the body, and stops it.
    static func run(
        access: AccessConfiguration = AccessConfiguration(secret: secret),
        limits: LimitConfiguration = LimitConfiguration(), answerPatience: Duration = InspectionStreams.patience,
        webhooks: WebhookConfiguration = WebhookConfiguration(), in folder: TemporaryFolder? = nil,
        prepare: (Bus) async throws -> Void = { _ in },
        _ body: (TestIngress) async throws -> Void
    ) async throws {
        let api = try await document.value
        try await run(
            access: access, limits: limits, answerPatience: answerPatience, webhooks: webhooks, in: folder, api: api,
            prepare: prepare, body)
    }

    /// The document of the API, which is the same for every ingress.
    private static let document = Task { () throws -> DocumentedAPI in
        let fetched = Mutex<DocumentedAPI?>(nil)
        try await run(
            access: AccessConfiguration(secret: secret), limits: LimitConfiguration(),
            answerPatience: InspectionStreams.patience, webhooks: WebhookConfiguration(), in: nil, api: nil,
            prepare: { _ in }
        ) { ingress in
            let api = try DocumentedAPI(json: try await ingress.client.get("/openapi.json").body)
            fetched.withLock { $0 = api }
        }
        return try #require(fetched.withLock { $0 })
    }

    private static func run(
        access: AccessConfiguration, limits: LimitConfiguration, answerPatience: Duration,
        webhooks: WebhookConfiguration, in folder: TemporaryFolder?, api: DocumentedAPI?,
        prepare: (Bus) async throws -> Void,
        _ body: (TestIngress) async throws -> Void
    ) async throws {
        let folder = try folder ?? TemporaryFolder()
        let bus = try await EmbeddedBus.open(
            EmbeddedBusConfiguration(folder: folder.path), time: SystemTime(), logger: .silent, metrics: nil)
        try await prepare(bus)
        var configuration = IngressConfiguration(
            host: "127.0.0.1", port: 0, stateFolder: folder.path, fleetHost: "alpha", access: access)
        configuration.drainDeadline = .seconds(2)
        configuration.limits = limits
        configuration.answerPatience = answerPatience
        configuration.webhooks = webhooks
        let log = LogMemory()
        let service = try IngressService(
            configuration: configuration, bus: bus, time: SystemTime(), metrics: MetricsRegistry(),
            logger: Logger(component: "ingress", sink: LogSink(memory: log)))
        let lifecycle = Lifecycle()
        let running = Task {
            do {
                try await service.run(lifecycle)
            } catch {
                lifecycle.started()
                throw error
            }
        }
        try await withDeadline("the ingress starts") { await lifecycle.waitUntilStarted() }
        guard let port = service.boundPort, port > 0 else {
            try await running.value
            throw TestClient.Failure(description: "the ingress does not listen")
        }
        let ingress = TestIngress(
            service: service, bus: bus, client: TestClient(port: port, api: api), log: log, folder: folder.path)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(ingress)) } catch { outcome = .failure(error) }
        lifecycle.requestStop()
        try await withDeadline("the ingress stops") { try await running.value }
        await bus.close()
        withExtendedLifetime(folder) {}
        try outcome.get()
    }

    /// A token of an administrator, or of someone with these permissions and no role.
    func token(_ permissions: [String]? = nil, id: String = "7", lifetime: Duration = .seconds(600)) throws -> String {
        var claims = JSONWriter()
        claims.object { claims in
            claims.member("sub", id)
            claims.member("username", "user\(id)")
            claims.member("is_admin", permissions == nil)
            claims.member("permissions", permissions ?? [])
            claims.member("type", "access")
            claims.member("exp", SystemTime().now.advanced(by: lifetime).microseconds / 1_000_000)
        }
        return try SignedToken.sign(claims: claims.bytes, secret: Array(Self.secret.utf8))
    }

    /// Asks until the answer is as wanted; fails after 10 s.
    func eventually(
        _ what: String, _ check: @escaping @Sendable () async throws -> Bool
    ) async throws {
        try await withDeadline(what, seconds: 10) {
            while try await !check() { await Task.yield() }
        }
    }
}

extension HostSample {
    /// A sample with every number of `/api/v1/system/stats`.
    static func example(
        host: String = "alpha", at: Timestamp = SystemTime().now, cpu: Double? = 12.5
    ) -> HostSample {
        HostSample(
            host: host, timestamp: at, interval: 1, uptime: 1234.5,
            cpu: CPUSample(busyPercent: cpu, logicalCores: 2, frequencyMHz: 2400, load1: 0.5, load5: 0.25, load15: 0.1),
            memory: MemorySample(total: 4 << 30, available: 1 << 30, used: 3 << 30, usedPercent: 75),
            fileSystems: [
                FileSystemSample(
                    mountPoint: "/", total: 100 << 30, used: 40 << 30, available: 60 << 30, usedPercent: 40)
            ],
            disks: [DiskSample(device: "vda", readBytesPerSecond: 1_048_576, writtenBytesPerSecond: 2_097_152)],
            network: NetworkSample(receivedBytes: 1000, sentBytes: 2000), gpuReason: "no NVIDIA driver")
    }
}

extension Bus {
    func ensure(_ sources: [ProjectionSource]) async throws {
        for source in sources { try await source.ensureExists(on: self) }
    }

    func report(_ samples: HostSample...) async throws {
        try await ensure([.log(Topic(StreamNames.hostMetrics))])
        _ = try await log.append(
            samples.map { LogRecord(key: $0.host, value: $0.json) }, to: Topic(StreamNames.hostMetrics))
    }

    /// Publishes an optimization event as a worker does.
    func tell(_ type: String, _ data: String, id: String) async throws {
        let exchange = ExchangeName(StreamNames.optimizationEvents)
        try await ensure([.exchange(exchange, .all)])
        let event = OptimizationEvent(
            type: type, agent: "test", data: Array(data.utf8), timestamp: SystemTime().now)
        try await events.publish(
            [
                Event(
                    routingKey: RoutingKey(StreamNames.optimizationEvent(type)),
                    message: Message(id: MessageID(id), body: event.json))
            ], to: exchange)
    }
}
