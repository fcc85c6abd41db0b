import BusClients
import BusTestKit
import Contracts
import HTTPKit
import Runtime
import SQLiteKit
import Testing

@testable import Ingress

@Suite struct CommandSenderTests {
    private let principal = Principal(id: "7", username: "u", isAdministrator: true, permissions: [])

    /// Runs the body with a sender and a reader on an empty bus and empty views.
    private func run(
        isCaughtUp: Bool, _ body: (CommandSender, CommandReader) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let time = SystemTime()
        let metrics = MetricsRegistry()
        let bus = try await EmbeddedBus.open(
            EmbeddedBusConfiguration(folder: folder.path), time: time, logger: .silent, metrics: nil)
        let configuration = IngressConfiguration(
            host: "127.0.0.1", port: 0, stateFolder: folder.path, fleetHost: "alpha",
            access: AccessConfiguration(secret: TestIngress.secret))
        let commands = CommandProjection(time: time, metrics: metrics, logger: .silent)
        let views = try await ViewsStore.open(
            path: configuration.viewsPath, projections: [commands], metrics: metrics, logger: .silent)
        let tokens = AccessTokens(
            secret: try AccessSecret.resolve(TestIngress.secret, stateFolder: folder.path), time: time)
        let audit = AuditTrail(bus: bus, time: time, metrics: metrics, logger: .silent)
        let access = Access(
            authenticator: Authenticator(
                configuration: configuration.access, tokens: tokens, directory: AccountDirectory(logger: .silent),
                time: time),
            audit: audit)
        let context = IngressContext(
            configuration: configuration, bus: bus, views: views, access: access, audit: audit, time: time,
            metrics: metrics, logger: .silent)
        try await body(
            CommandSender(
                context: context, commands: commands, counters: CommandCounters(metrics),
                isCaughtUp: { isCaughtUp }),
            CommandReader(context: context, commands: commands, isCaughtUp: { isCaughtUp }))
        try await views.close()
        await bus.close()
        withExtendedLifetime(folder) {}
    }

    private func wishes(key: String? = nil) throws -> CommandSender.Wishes {
        var headers: HTTPHeaders = ["Prefer": "respond-async"]
        if let key { headers.set("Idempotency-Key", key) }
        return try CommandSender.Wishes(request(headers: headers))
    }

    private func request(id: String = "", headers: HTTPHeaders = HTTPHeaders()) -> HTTPRequest {
        HTTPRequest(
            method: .GET, path: "/", headers: headers, parameters: ["request_id": id],
            peer: PeerAddress(host: "127.0.0.1", port: 1, isLoopback: true),
            requestID: "r", route: "/")
    }

    private func command(_ id: String? = nil) -> String {
        let own = id.map { #""request_id":"\#($0)","# } ?? ""
        return #"{\#(own)"device_id":"d","command_type":"c","payload":{},"protocol":"coap"}"#
    }

    @Test(arguments: [false, true])
    func keysAndUnknownIDsNeedTheViews(_ isCaughtUp: Bool) async throws {
        try await run(isCaughtUp: isCaughtUp) { sender, reader in
            let body = try JSONDocument(parsing: command()).root
            #expect(try await sender.send(body, wishes(), principal).status == 202)
            let batch = try JSONDocument(parsing: #"{"commands":[\#(command("a"))]}"#).root
            if isCaughtUp {
                #expect(try await sender.send(body, wishes(key: "k"), principal).status == 202)
                #expect(try await sender.sendBatch(batch, wishes(), principal).status == 200)
            } else {
                await #expect(throws: HTTPError.self) { try await sender.send(body, wishes(key: "k"), principal) }
                await #expect(throws: HTTPError.self) { try await sender.sendBatch(batch, wishes(), principal) }
            }
            let unknown = await #expect(throws: HTTPError.self) { try await reader.status(request(id: "x")) }
            #expect(unknown?.status == (isCaughtUp ? 404 : 503))
        }
    }

    @Test func anotherRequestsFailureIsThatItemsAlone() async throws {
        try await run(isCaughtUp: true) { sender, _ in
            let batch = try JSONDocument(parsing: #"{"commands":[\#(command()),\#(command("a"))]}"#).root
            let request = try CommandRequest.single(try JSONDocument(parsing: command("a")).root, now: SystemTime().now)
            let fingerprint = CommandFingerprint.of(request, principal: principal.id)
            guard case .own = sender.commands.claims.claim("a", fingerprint: fingerprint) else {
                Issue.record("the key is taken")
                return
            }
            async let answer = sender.sendBatch(batch, wishes(), principal)
            // The batch follows once it waits for the claim.
            try await withDeadline("the batch follows") {
                while !sender.commands.claims.hasFollowers("a") { await Task.yield() }
            }
            sender.commands.claims.settle("a", .failure(HTTPError.overloaded))
            let response = try await answer
            #expect(response.status == 207)
            guard case .bytes(let bytes) = response.body else { return }
            let results = try #require(try JSONDocument(parsing: bytes).root["results"]).elements
            #expect(results.map { $0["success"]?.bool } == [true, false])
            #expect(results.map { $0["status"]?.string } == ["accepted", "failed"])
        }
    }
}
