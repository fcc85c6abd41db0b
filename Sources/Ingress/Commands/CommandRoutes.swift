internal import Contracts
internal import HTTPKit
internal import Runtime

/// The device commands API.
struct CommandRoutes: RouteGroup {
    private let access: Access
    private let sender: CommandSender
    private let reader: CommandReader
    private let canceller: CommandCanceller
    private let service: CommandServiceStatus

    /// - Parameter isCaughtUp: whether the views hold what the logs held at the start.
    init(
        context: IngressContext, commands: CommandProjection, isCaughtUp: @escaping @Sendable () -> Bool
    ) {
        let counters = CommandCounters(context.metrics)
        access = context.access
        sender = CommandSender(context: context, commands: commands, counters: counters, isCaughtUp: isCaughtUp)
        reader = CommandReader(context: context, commands: commands, isCaughtUp: isCaughtUp)
        canceller = CommandCanceller(context: context, reader: reader)
        service = CommandServiceStatus(context: context, counters: counters)
    }

    func register(in api: inout API) {
        api.on(CommandOperations.send, post(CommandOperations.send, sender.send))
        api.on(CommandOperations.sendBatch, post(CommandOperations.sendBatch, sender.sendBatch))
        api.on(
            CommandOperations.status,
            access.require(CommandOperations.status.permission) { [reader] request, _, _ in
                try await reader.status(request)
            })
        api.on(
            CommandOperations.cancel,
            access.require(CommandOperations.cancel.permission) { [canceller] request, _, principal in
                try await canceller.cancel(request, principal)
            })
        api.on(
            CommandOperations.list,
            access.require(CommandOperations.list.permission) { [reader] request, _, _ in
                try await reader.list(request)
            })
        api.on(
            CommandOperations.serviceStatus,
            access.require(CommandOperations.serviceStatus.permission) { [service] _, _, _ in await service.status() })
        api.on(
            CommandOperations.serviceMetrics,
            access.require(CommandOperations.serviceMetrics.permission) { [service] _, _, _ in
                await service.metrics()
            })
        api.on(
            CommandOperations.health,
            .deferred { [access, service] request, _ in
                await service.health(showsDetails: access.recognize(request) != nil)
            })
    }

    /// A handler of commands: malformed JSON is 422 before anybody asks who sent it.
    private func post(
        _ operation: Operation,
        _ send: @escaping @Sendable (JSONValue, CommandSender.Wishes, Principal) async throws -> HTTPResponse
    ) -> RouteHandler {
        access.require(
            operation.permission,
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
