import BusClients
import BusTestKit
import Contracts
import Glibc
import Runtime

@testable import HTTPKit
@testable import Ingress

/// An ingress on an embedded bus in a folder of its own, in this process: the fuzzer's requests go over its socket.
struct LiveIngress {
    private static let secret = "0123456789abcdef0123456789abcdef"

    private let port: Int
    private let lifecycle: Lifecycle
    private let running: Task<Void, any Error>
    private let bus: Bus
    private let folder: TemporaryFolder

    static var authenticator: Authenticator {
        get throws {
            Authenticator(
                configuration: AccessConfiguration(apiKeys: [APIKey(secret: "k3y")]),
                tokens: AccessTokens(
                    secret: try AccessSecret.resolve(secret, stateFolder: "/nowhere"), time: SystemTime()),
                directory: AccountDirectory(logger: .silent), time: SystemTime())
        }
    }

    static func start() async throws -> LiveIngress {
        let folder = try TemporaryFolder()
        let bus = try await EmbeddedBus.open(
            EmbeddedBusConfiguration(folder: folder.path), time: SystemTime(), logger: .silent, metrics: nil)
        let access = AccessConfiguration(secret: secret, apiKeys: [APIKey(secret: "k3y", permissions: ["*"])])
        var configuration = IngressConfiguration(
            host: "127.0.0.1", port: 0, stateFolder: folder.path, fleetHost: "alpha", access: access)
        configuration.drainDeadline = .seconds(1)
        // Nobody publishes commands here.
        configuration.commandAckTimeout = .milliseconds(5)
        let service = try IngressService(
            configuration: configuration, bus: bus, time: SystemTime(), metrics: MetricsRegistry(), logger: .silent)
        let lifecycle = Lifecycle()
        let running = Task {
            defer { lifecycle.started() }
            try await service.run(lifecycle)
        }
        await lifecycle.waitUntilStarted()
        guard let port = service.boundPort else {
            try await running.value
            throw Finding("the ingress does not listen")
        }
        return LiveIngress(port: port, lifecycle: lifecycle, running: running, bus: bus, folder: folder)
    }

    func stop() async {
        lifecycle.requestStop()
        _ = await running.result
        await bus.close()
    }

    /// The router with the patterns that the ingress has registered, and whole requests.
    func targets() throws -> [FuzzTarget] {
        let index = try Exchange(port: port).send(Array("GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n".utf8))
        let endpoints = try JSONDocument(parsing: index?.body ?? []).root.requiredArray("endpoints").elements
            .compactMap { $0.string?.split(separator: " ").map(String.init) }.filter { $0.count == 2 }
        guard endpoints.count > 20 else { throw Finding("the ingress names \(endpoints.count) routes") }
        return [router(endpoints), requests(endpoints)]
    }

    private func router(_ endpoints: [[String]]) -> FuzzTarget {
        var router = Router()
        for endpoint in endpoints {
            guard let method = HTTPMethod(rawValue: endpoint[0]) else { continue }
            router.on(method, endpoint[1], .immediate { _, _ in HTTPResponse() })
        }
        let tree = RouteTree(router)
        return FuzzTarget("router", texts: endpoints.map { $0[1] + "?a=b%20c&d" }) { input in
            let text = String(decoding: input, as: UTF8.self)
            let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            _ = QueryParameters(raw: parts.count > 1 ? String(parts[1]) : "").pairs
            var isKnown = false
            for method in [HTTPMethod.GET, .POST, .PUT, .DELETE, nil] {
                let match = tree.match(method, path: String(parts.first ?? ""))
                isKnown = isKnown || match.isPathKnown
                guard let route = match.route else { continue }
                for name in route.parameterNames {
                    try Finding.unless(match.parameters[name] != nil, "\(route.pattern) has no \(name)")
                }
            }
            if !isKnown { throw Refused() }
        }
    }

    /// One request on a connection of its own. Mutations change the bytes on the wire.
    private func requests(_ endpoints: [[String]]) -> FuzzTarget {
        let bodies = [
            "/api/v1/commands": #"{"device_id":"d","command_type":"c","payload":{"a":1},"protocol":"mqtt"}"#,
            "/api/v1/commands/batch":
                #"{"commands":[{"device_id":"d","command_type":"c","payload":{},"protocol":"coap"}]}"#,
            "/api/v1/hardware/optimize": #"{"optimization_type":"memory","parameters":{"x":1},"dry_run":true}"#,
        ]
        let seeds = endpoints.map { endpoint in
            let (method, path) = (endpoint[0], endpoint[1].split(separator: "{").first.map(String.init) ?? "/")
            let body = method == "GET" ? "" : bodies[endpoint[1]] ?? #"{"username":"a","password":"b","is_admin":true}"#
            let length = body.isEmpty ? "" : "Content-Length: \(body.utf8.count)\r\n"
            return "\(method) \(path)\(endpoint[1].contains("{") ? "x" : "")?limit=5 HTTP/1.1\r\nHost: t\r\n"
                + "X-API-Key: k3y\r\n\(length)Connection: close\r\n\r\n\(body)"
        }
        let exchange = Exchange(port: port)
        // Some requests wait for a view for a second or two where the machine is busy.
        return FuzzTarget("request", weight: 2, limit: .seconds(10), texts: seeds) { input in
            guard let answer = try exchange.send(input) else { throw Refused() }
            try Finding.unless(answer.status != 500, "500: \(answer.text)")
            try Finding.unless((200..<600).contains(answer.status), "status \(answer.status)")
            if answer.isJSON, answer.isWhole, !answer.body.isEmpty { try Finding.unlessJSON(answer.body) }
        }
    }
}
