/// The list of routes that a server answers.
///
/// Patterns are paths whose segments are literal or `{name}`; a last segment `{name*}` takes the rest of the path, which
/// may be empty. Literal segments beat parameters and parameters beat a rest, whatever the order of registration. One
/// trailing slash is ignored on both sides. HEAD is answered from GET unless it is registered.
package struct Router: Sendable {
    private(set) var routes: [Route] = []

    /// Makes a router without routes.
    package init() {}

    /// Registers a handler; the same method and pattern again replaces it.
    ///
    /// - Parameters:
    ///   - pattern: such as `/api/v1/commands/{request_id}/status`.
    ///   - bodyLimit: bytes of request body; beyond them the answer is 413.
    ///   - finishesWithoutClient: whether a deferred handler runs to its end when the client leaves; nil means yes for
    ///     every method but GET and HEAD, whose tasks are cancelled.
    ///   - admit: called on the event loop when the headers are there and before the body is read; what it throws is
    ///     the answer, so that a refused upload is never received. Must not block.
    package mutating func on(
        _ method: HTTPMethod, _ pattern: String, bodyLimit: Int = 1 << 20, finishesWithoutClient: Bool? = nil,
        admit: (@Sendable (HTTPRequest) throws -> Void)? = nil, _ handler: RouteHandler
    ) {
        routes.append(
            Route(
                method: method, pattern: pattern, bodyLimit: bodyLimit,
                finishesWithoutClient: finishesWithoutClient ?? (method != .GET && method != .HEAD), admit: admit,
                handler: handler))
    }
}
