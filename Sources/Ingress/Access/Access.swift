package import HTTPKit
internal import Runtime

/// Wraps handlers so that they run only for a principal who may.
///
/// The order of checks is the contracts': malformed JSON where a family says so (`preparing`), then 401, then 403, then
/// the handler's own validation.
package final class Access: Sendable {
    private let authenticator: Authenticator
    private let audit: AuditTrail

    package init(authenticator: Authenticator, audit: AuditTrail) {
        self.authenticator = authenticator
        self.audit = audit
    }

    /// A handler that waits, for a principal with the permission (nil: any authenticated one).
    package func require(
        _ permission: String?,
        _ handler: @escaping @Sendable (HTTPRequest, [UInt8], Principal) async throws -> HTTPResponse
    ) -> RouteHandler {
        .deferred { [self] request, body in
            let principal = try authorize(request, permission)
            return try await handler(request, body, principal)
        }
    }

    /// A handler that waits, whose body is prepared (parsed) before the token is looked at, for the families where
    /// malformed JSON is 422 before 401. `prepare` must only parse: field validation belongs into the handler.
    package func require<Prepared>(
        _ permission: String?,
        preparing prepare: @escaping @Sendable (HTTPRequest, [UInt8]) throws -> Prepared,
        _ handler: @escaping @Sendable (HTTPRequest, Prepared, Principal) async throws -> HTTPResponse
    ) -> RouteHandler {
        .deferred { [self] request, body in
            let prepared = try prepare(request, body)
            let principal = try authorize(request, permission)
            return try await handler(request, prepared, principal)
        }
    }

    /// A handler that answers at once on the event loop: memory only, no database, no bus.
    package func requireImmediate(
        _ permission: String?,
        _ handler: @escaping @Sendable (HTTPRequest, [UInt8], Principal) throws -> HTTPResponse
    ) -> RouteHandler {
        .immediate { [self] request, body in
            try handler(request, body, try authorize(request, permission))
        }
    }

    /// The principal of a request; throws 401 or 403 as an `HTTPError`.
    package func authorize(_ request: HTTPRequest, _ permission: String?) throws(HTTPError) -> Principal {
        let principal = try authenticate(request)
        if let permission, !principal.has(permission) {
            throw refused(request, .missingPermission(permission), who: principal)
        }
        return principal
    }

    /// The principal if the request has valid credentials; nil where it has none. Throws 401 on wrong ones.
    package func identify(_ request: HTTPRequest) throws(HTTPError) -> Principal? {
        guard authenticator.hasCredentials(request) else { return nil }
        return try authenticate(request)
    }

    /// The principal if the request has valid credentials; nil where it has none or wrong ones.
    package func recognize(_ request: HTTPRequest) -> Principal? {
        guard authenticator.hasCredentials(request) else { return nil }
        do {
            return try principal(of: request)
        } catch {
            return nil  // Nothing is refused: who asks counts as unknown.
        }
    }

    /// Whether somebody who was let in may go on: the token or key has not ended, and nobody has taken it back.
    package func isCurrent(_ principal: Principal) -> Bool { authenticator.isCurrent(principal) }

    /// Writes a refusal to the audit; answers the error to throw.
    package func refused(_ request: HTTPRequest, _ error: HTTPError, who principal: Principal?) -> HTTPError {
        audit.record("refused", request, principal, on: request.route, result: error.status)
        return error
    }

    private func authenticate(_ request: HTTPRequest) throws(HTTPError) -> Principal {
        do {
            return try principal(of: request)
        } catch {
            throw refused(request, error, who: nil)
        }
    }

    /// What the limits have found out already, or else the authenticator does.
    private func principal(of request: HTTPRequest) throws(HTTPError) -> Principal {
        if let identity = (request.visit as? IngressVisit)?.identity { return try identity.get() }
        return try authenticator.principal(of: request)
    }
}
