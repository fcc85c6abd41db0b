internal import BusClients
internal import Contracts
internal import HTTPKit
internal import Runtime
internal import SQLiteKit

/// `DELETE /api/v1/commands/{request_id}`: asks the pusher not to publish a command, and answers what it decided.
struct CommandCanceller: Sendable {
    private static let exchange = ExchangeName(StreamNames.commandCancellations)

    let context: IngressContext
    let reader: CommandReader

    func cancel(_ request: HTTPRequest, _ principal: Principal) async throws -> HTTPResponse {
        guard let id = request.parameters["request_id"] else { throw HTTPError.unknown("command") }
        let registration = reader.commands.waiters.register(id)
        defer { if let registration { reader.commands.waiters.cancel(registration) } }
        let known = try await reader.known(id, for: request)
        guard known.state == .accepted else { return try answer(known) }
        try await ask(id, principal, request)
        context.audit.record("command_cancellation_requested", request, principal, on: id)
        _ = await registration?.waiter.wait(atMost: context.configuration.commandAckTimeout)
        return try answer(try await reader.known(id, for: request))
    }

    /// - Throws: 409 with the status of a command that came further.
    private func answer(_ status: CommandStatus) throws(HTTPError) -> HTTPResponse {
        guard status.state == .accepted || status.state == .cancelled else {
            throw HTTPError(
                409, "conflict", "The command is \(status.state.rawValue) already.", details: status.json)
        }
        return .json(status.json, status: status.state == .cancelled ? 200 : 202)
    }

    private func ask(_ id: String, _ principal: Principal, _ request: HTTPRequest) async throws(HTTPError) {
        let now = context.time.now
        let wish = CommandCancellation(requestID: id, requestedBy: principal.username, requestedAt: now)
        let event = Event(
            routingKey: RoutingKey(CommandCancellation.routingKey),
            message: Message(
                id: MessageID(SecureRandom.uuid()), headers: Headers(trace: request.trace), body: wish.json))
        do {
            try await context.bus.events.publish(
                [event], to: Self.exchange,
                declaring: EventExchangeOptions(
                    maximumAge: CommandCancellation.age, maximumBytes: CommandCancellation.bytes))
        } catch {
            throw HTTPError(error)
        }
    }
}
