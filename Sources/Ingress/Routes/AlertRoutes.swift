internal import BusClients
internal import Contracts
internal import HTTPKit
internal import Runtime
internal import SQLiteKit

/// `/api/v1/hardware/alerts`: what the workers have raised, and who has seen it.
struct AlertRoutes: RouteGroup {
    /// How long an answer waits for the view to hold what it speaks of.
    private static let viewDeadline: Duration = .seconds(2)

    let context: IngressContext
    let alerts: AlertProjection
    let presence: HostPresenceProjection

    func register(in api: inout API) {
        api.on(
            AlertOperations.list,
            context.access.require(AlertOperations.list.permission) { [self] request, _, _ in
                try await list(request)
            })
        api.on(
            AlertOperations.acknowledge,
            context.access.require(AlertOperations.acknowledge.permission) { [self] in
                try await acknowledge($0, $2)
            })
    }

    private func list(_ request: HTTPRequest) async throws -> HTTPResponse {
        var reader = QueryReader(request)
        let hours = reader.value(AlertOperations.since)
        let query = AlertQuery(
            host: reader.value(AlertOperations.host), severity: reader.value(AlertOperations.severity),
            isAcknowledged: reader.value(AlertOperations.acknowledged),
            since: context.time.now.advanced(by: .seconds(-3600 * hours)),
            limit: reader.value(AlertOperations.limit))
        try reader.finish()
        let found = try await context.views.read { try $0.alerts(query) }
        var writer = JSONWriter(capacity: 64 + found.count * 512)
        writer.array { writer in for alert in found { writer.object { write(alert, to: &$0) } } }
        return .json(writer.bytes)
    }

    private func acknowledge(_ request: HTTPRequest, _ principal: Principal) async throws -> HTTPResponse {
        var reader = QueryReader(request)
        let note = reader.value(AlertOperations.note)
        if let note, note.unicodeScalars.count > AlertAcknowledgement.maximumNote {
            reader.fail(
                "string_too_long", "note",
                "String should have at most \(AlertAcknowledgement.maximumNote) characters")
        }
        try reader.finish()
        let id: String = try request.parameters.require("alert_id")
        guard let alert = try await alert(id) else { throw HTTPError.unknown("alert") }
        if alert.acknowledgedBy == nil {
            try await publish(
                AlertAcknowledgement(
                    alertID: id, host: alert.host, by: principal.username, note: note, at: context.time.now),
                request.trace)
            context.audit.record("alert_acknowledged", request, principal, on: id)
        }
        guard let current = try await self.alert(id), current.acknowledgedBy != nil else {
            throw HTTPError.unavailable("The acknowledgement is stored, but the views are behind.", retryAfter: 2)
        }
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            write(current, to: &writer)
            writer.member("acknowledgment_confirmed", true)
        }
        return .json(writer.bytes)
    }

    private func write(_ alert: Alert, to writer: inout JSONWriter) {
        alert.writeMembers(to: &writer, hostIsDown: presence.state(of: alert.host) == .down)
    }

    private func alert(_ id: String) async throws -> Alert? {
        try await context.views.read { try $0.alert(id) }
    }

    private func publish(_ acknowledgement: AlertAcknowledgement, _ trace: TraceContext) async throws {
        let event = Event(
            routingKey: RoutingKey(StreamNames.alert("acknowledged", host: acknowledgement.host)),
            message: Message(
                id: MessageID(SecureRandom.uuid()), headers: Headers(trace: trace), body: acknowledgement.json))
        try await alerts.arrivals.awaiting(
            acknowledgement.alertID, atMost: Self.viewDeadline, time: context.time
        ) {
            do throws(BusError) {
                try await context.bus.events.publish([event], to: AlertProjection.exchange)
            } catch {
                throw HTTPError(error)
            }
        }
    }
}
