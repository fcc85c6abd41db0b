internal import BusClients
internal import Contracts
internal import HTTPKit
internal import Runtime
internal import SQLiteKit

/// `/api/v1/hardware/optimize`: asks workers for optimizations and says how they went.
struct OptimizationRoutes: RouteGroup {
    private let context: IngressContext
    private let dispatch: OptimizationDispatch
    private let selection: HostSelection

    init(context: IngressContext, hosts: HostProjection, sessions: OptimizationProjection) {
        self.context = context
        dispatch = OptimizationDispatch(context: context, arrivals: sessions.arrivals)
        selection = HostSelection(hosts: hosts, own: context.configuration.fleetHost)
    }

    func register(in api: inout API) {
        let access = context.access
        api.on(
            OptimizationOperations.start,
            access.require(OptimizationOperations.start.permission, preparing: { try BodyReader.parse($1) }) { [self] in
                try await start($0, $1, $2)
            })
        api.on(
            OptimizationOperations.list,
            access.require(OptimizationOperations.list.permission) { [self] in try await list($0, $2) })
        api.on(
            OptimizationOperations.show,
            access.require(OptimizationOperations.show.permission) { [self] in try await show($0, $2) })
        api.on(
            OptimizationOperations.cancel,
            access.require(OptimizationOperations.cancel.permission) { [self] in try await cancel($0, $2) })
    }

    private func start(
        _ request: HTTPRequest, _ body: JSONDocument?, _ principal: Principal
    ) async throws -> HTTPResponse {
        let order = try OptimizationRequest(
            body, host: try selection.worker(of: request), by: principal, now: context.time.now)
        try await dispatch.start(order, for: request)
        context.audit.record("optimization_requested", request, principal, on: order.id)
        let result = OptimizationResult(
            taskID: order.id, status: .running, type: order.type, startedAt: order.requestedAt,
            isDryRun: order.isDryRun)
        return Self.response(result, host: order.host)
    }

    private func show(_ request: HTTPRequest, _ principal: Principal) async throws -> HTTPResponse {
        let session = try await session(of: request)
        guard principal.owns(session.owner) else {
            throw context.access.refused(
                request, .forbidden("You can only view your own optimization tasks"), who: principal)
        }
        return Self.response(session.result, host: session.host)
    }

    private func cancel(_ request: HTTPRequest, _ principal: Principal) async throws -> HTTPResponse {
        var query = QueryReader(request)
        let isForced = query.value(OptimizationOperations.force)
        try query.finish()
        let session = try await session(of: request)
        guard principal.owns(session.owner) else {
            throw context.access.refused(
                request, .forbidden("You can only cancel your own optimization tasks"), who: principal)
        }
        guard !session.result.status.isFinal else {
            throw HTTPError.conflict("The optimization task has already \(Self.ending(session.result.status)).")
        }
        let now = context.time.now
        try await dispatch.cancel(
            ControlMessage.Cancellation(
                sessionID: session.id, requestedBy: principal.id, requestedAt: now, isForced: isForced),
            for: request)
        context.audit.record("optimization_cancellation_requested", request, principal, on: session.id)
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            writer.member("message", "Optimization task \(session.id) cancellation requested")
            writer.member(
                "details",
                object: { writer in
                    writer.member("task_id", session.id)
                    writer.member("host", session.host)
                    writer.member("status", "cancellation_requested")
                })
            principal.writeID("cancelled_by", to: &writer)
            writer.member("cancelled_at", now)
            writer.member("force_used", isForced)
        }
        return .json(writer.bytes)
    }

    private func list(_ request: HTTPRequest, _ principal: Principal) async throws -> HTTPResponse {
        var query = QueryReader(request)
        let status = query.value(OptimizationOperations.status)
        let limit = query.value(OptimizationOperations.limit)
        let skip = query.value(OptimizationOperations.skip)
        try query.finish()
        let owner = principal.isAdministrator ? query.value(OptimizationOperations.user) : principal.id
        let wanted = OptimizationQuery(owner: owner, status: status, skip: skip, limit: limit)
        let found = try await context.views.read { try $0.optimizations(wanted) }
        var writer = JSONWriter(capacity: 64 + found.sessions.count * 320)
        writer.object { writer in
            writer.member(
                "tasks",
                array: { writer in
                    for session in found.sessions {
                        Self.write(session.result, host: session.host, to: &writer)
                    }
                })
            writer.member("total", found.total)
            writer.member("limit", limit)
            writer.member("skip", skip)
        }
        return .json(writer.bytes)
    }

    private func session(of request: HTTPRequest) async throws -> OptimizationSession {
        let id: String = try request.parameters.require("task_id")
        guard let session = try await context.views.read({ try $0.optimization(id) }) else {
            throw HTTPError.unknown("optimization task")
        }
        return session
    }

    private static func ending(_ status: OptimizationResult.Status) -> String {
        status == .cancelled ? "been cancelled" : status.rawValue
    }

    private static func response(_ result: OptimizationResult, host: String?) -> HTTPResponse {
        var writer = JSONWriter(capacity: 512)
        write(result, host: host, to: &writer)
        return .json(writer.bytes)
    }

    private static func write(_ result: OptimizationResult, host: String?, to writer: inout JSONWriter) {
        writer.object { writer in
            result.writeMembers(to: &writer)
            writer.member("host", host)
        }
    }
}
