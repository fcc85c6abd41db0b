internal import Contracts
internal import HTTPKit
internal import Runtime

/// The device commands API.
struct CommandRoutes: RouteGroup {
    /// A single command's body (`shared/contracts/README.md`).
    private static let bodyLimit = 1 << 20
    /// 10,000 commands of 1.6 KB.
    private static let batchLimit = 16 << 20

    private let access: Access
    private let sender: CommandSender
    private let reader: CommandReader
    private let service: CommandServiceStatus

    /// - Parameter isCaughtUp: whether the views hold what the logs held at the start.
    init(
        context: IngressContext, commands: CommandProjection, isCaughtUp: @escaping @Sendable () -> Bool
    ) {
        let counters = CommandCounters(context.metrics)
        access = context.access
        sender = CommandSender(context: context, commands: commands, counters: counters, isCaughtUp: isCaughtUp)
        reader = CommandReader(context: context, commands: commands, isCaughtUp: isCaughtUp)
        service = CommandServiceStatus(context: context, counters: counters)
    }

    func register(in router: inout Router) {
        router.on(.POST, "/api/v1/commands", bodyLimit: Self.bodyLimit, post(sender.send))
        router.on(.POST, "/api/v1/commands/batch", bodyLimit: Self.batchLimit, post(sender.sendBatch))
        router.on(
            .GET, "/api/v1/commands/{request_id}/status",
            access.require("commands:read") { [reader] request, _, _ in try await reader.status(request) })
        router.on(
            .GET, "/api/v1/status", access.require("commands:read") { [service] _, _, _ in await service.status() })
        router.on(
            .GET, "/api/v1/metrics", access.require("commands:read") { [service] _, _, _ in await service.metrics() })
        router.on(
            .GET, "/api/v1/health",
            .deferred { [access, service] request, _ in
                await service.health(showsDetails: access.recognize(request) != nil)
            })
    }

    /// A handler of commands: malformed JSON is 422 before anybody asks who sent it.
    private func post(
        _ send: @escaping @Sendable (JSONValue, CommandSender.Wishes, Principal) async throws -> HTTPResponse
    ) -> RouteHandler {
        access.require(
            "commands:send",
            preparing: { _, body throws -> JSONDocument in
                do throws(JSONError) {
                    return try JSONDocument(parsing: body, depth: JSONDocument.maximumBodyDepth)
                } catch {
                    throw HTTPError.validation([.malformed(error)])
                }
            },
            { request, document, principal in
                try await send(document.root, try CommandSender.Wishes(request), principal)
            })
    }
}
