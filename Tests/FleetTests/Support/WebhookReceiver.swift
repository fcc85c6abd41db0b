import BusTestKit
import HTTPKit
import Runtime
import Synchronization

/// A receiver of webhooks on loopback that hangs at the first call, as if it had died with it.
final class WebhookReceiver: Sendable {
    /// One exchange.
    struct Call: Sendable {
        let id: String
        let seconds: String
        let signature: String
        let body: [UInt8]
    }

    private let calls = Mutex<[Call]>([])
    private let server = Mutex<HTTPServer?>(nil)

    var url: String { "http://127.0.0.1:\(server.withLock { $0?.boundPort ?? 0 })/hook" }

    /// Runs one while the body runs.
    static func run(_ body: (WebhookReceiver) async throws -> Void) async throws {
        let receiver = WebhookReceiver()
        let end = Latch()
        var router = Router()
        router.on(
            .POST, "/hook",
            .deferred { request, bytes in
                let call = Call(
                    id: request.headers.first("webhook-id") ?? "",
                    seconds: request.headers.first("webhook-timestamp") ?? "",
                    signature: request.headers.first("webhook-signature") ?? "", body: bytes)
                let count = receiver.calls.withLock { calls in
                    calls.append(call)
                    return calls.count
                }
                if count == 1 { await end.wait() }
                return HTTPResponse(status: 204)
            })
        var configuration = HTTPServerConfiguration(host: "127.0.0.1", port: 0)
        configuration.drainDeadline = .milliseconds(100)
        let server = HTTPServer(configuration: configuration, router: router, logger: .silent, time: SystemTime())
        receiver.server.withLock { $0 = server }
        let lifecycle = Lifecycle()
        let running = Task {
            defer { lifecycle.started() }
            try await server.run(lifecycle)
        }
        try await withDeadline("the receiver starts") { await lifecycle.waitUntilStarted() }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(receiver)) } catch { outcome = .failure(error) }
        end.open()
        lifecycle.requestStop()
        try await withDeadline("the receiver stops") { try await running.value }
        try outcome.get()
    }

    /// Waits until there were so many calls.
    func calls(_ count: Int) async throws -> [Call] {
        try await eventually("\(count) calls", seconds: 90) { [self] in
            calls.withLock { $0.count >= count ? $0 : nil }
        }
    }
}
