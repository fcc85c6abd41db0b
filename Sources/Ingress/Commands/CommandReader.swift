internal import BusClients
internal import Contracts
internal import HTTPKit
internal import Runtime
internal import SQLiteKit

/// Answers what became of commands: `GET /api/v1/commands/{request_id}/status` and `GET /api/v1/commands`.
struct CommandReader: Sendable {
    /// How long an unknown id waits for the view to reach the present.
    private static let catchUpLimit: Duration = .seconds(1)

    let context: IngressContext
    let commands: CommandProjection
    /// Whether the views hold what the logs held at the start; before, a command or its record may be missing.
    let isCaughtUp: @Sendable () -> Bool

    /// With `wait` seconds an accepted command is answered when it is no longer that, or when they are over.
    func status(_ request: HTTPRequest) async throws -> HTTPResponse {
        var query = QueryReader(request)
        let wait = query.value(CommandOperations.wait)
        try query.finish()
        guard let id = request.parameters["request_id"] else { throw HTTPError.unknown("command") }
        let isComplete = isCaughtUp()
        let registration = wait > 0 ? commands.waiters.register(id) : nil
        defer { if let registration { commands.waiters.cancel(registration) } }
        guard var status = try await find(id, for: request) else {
            throw isComplete ? HTTPError.unknown("command") : .rebuilding
        }
        // A device's word may never come: only what the fleet itself will do is waited for.
        if let registration, status.state == .accepted,
            await registration.waiter.wait(atMost: limit(wait, status)) != nil,
            let changed = try await find(id, for: request)
        {
            status = changed
        }
        let current = status.at(context.time.now, grace: expiryGrace)
        guard isComplete || current.state == status.state else { throw HTTPError.rebuilding }
        return .json(current.json)
    }

    /// What is known of a command now.
    /// - Throws: 404, or 503 while the views are being rebuilt.
    func known(_ id: String, for request: HTTPRequest) async throws -> CommandStatus {
        let isComplete = isCaughtUp()
        let status = try await find(id, for: request)?.at(context.time.now, grace: expiryGrace)
        guard isComplete else { throw HTTPError.rebuilding }
        guard let status else { throw HTTPError.unknown("command") }
        return status
    }

    /// A page of commands, the newest first.
    func list(_ request: HTTPRequest) async throws -> HTTPResponse {
        var reader = QueryReader(request)
        let query = CommandQuery(
            device: reader.value(CommandOperations.device), type: reader.value(CommandOperations.type),
            state: reader.value(CommandOperations.state).flatMap(CommandState.init),
            since: reader.value(CommandOperations.since), until: reader.value(CommandOperations.until),
            cursor: reader.value(CommandOperations.cursor), limit: reader.value(CommandOperations.limit))
        try reader.finish()
        guard isCaughtUp() else { throw HTTPError.rebuilding }
        let page = try await context.views.read { try $0.commands(query) }
        var writer = JSONWriter(capacity: 64 + page.commands.count * 384)
        writer.object { writer in
            writer.member(
                "commands",
                array: { writer in for command in page.commands { command.writeListed(to: &writer) } })
            writer.member("next_cursor", page.next?.text)
        }
        return .json(writer.bytes)
    }

    /// A pusher that looked at the clock just before a command's expiry may publish it a little later.
    private var expiryGrace: Duration { context.configuration.commandPublishTimeout + .seconds(1) }

    /// A command that is still accepted when its time is over is answered then.
    private func limit(_ wait: Double, _ status: CommandStatus) -> Duration {
        guard status.state == .accepted, let expiresAt = status.expiresAt else { return .seconds(wait) }
        let left = expiresAt.advanced(by: expiryGrace).duration(since: context.time.now) + .milliseconds(1)
        return min(.seconds(wait), max(left, .zero))
    }

    /// What the view knows. An id it does not know is looked for again when the view holds every command that was
    /// accepted before the question, on whichever ingress.
    private func find(_ id: String, for request: HTTPRequest) async throws -> CommandStatus? {
        if let status = try await context.views.read({ try $0.command(id) }) { return status }
        do {
            try await catchUp()
        } catch {
            context.logger.debug("ends of the logs unknown", request.logFields.merging(["error": "\(error)"]))
            return nil
        }
        return try await context.views.read { try $0.command(id) }
    }

    /// Waits until the view holds what the logs hold now: an accepted command is in one of the two.
    private func catchUp() async throws(BusError) {
        async let events = context.bus.events.history(of: ExchangeName(StreamNames.commandEvents))
        async let statuses = context.bus.log.offsets(of: Topic(StreamNames.deviceCommandStatus))
        let deadline = context.time.uptime + Self.catchUpLimit
        do {
            await commands.events.wait(for: try await events.upperBound, atMost: Self.catchUpLimit)
            for (partition, range) in try await statuses.enumerated() {
                let left = max(deadline - context.time.uptime, .zero)
                await commands.statuses.wait(for: range.upperBound, of: partition, atMost: left)
            }
        } catch let error as BusError {
            throw error
        } catch {
            throw BusError(.unavailable, "\(error)")
        }
    }
}
