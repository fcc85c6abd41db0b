/// How a route answers.
package enum RouteHandler: Sendable {
    /// Answers on the event loop: must not block, nor compute for more than some 100 µs.
    case immediate(@Sendable (HTTPRequest, [UInt8]) throws -> HTTPResponse)
    /// Answers in a task while the connection is suspended. The task is cancelled when the drain's deadline passes.
    case deferred(@Sendable (HTTPRequest, [UInt8]) async throws -> HTTPResponse)
    /// Answers in a task that starts before the body is read. With `Expect: 100-continue` the client is told to go on
    /// when the handler first asks for a chunk; a handler that answers before the body's end closes the connection.
    case streaming(@Sendable (HTTPRequest, RequestBodyStream) async throws -> HTTPResponse)
}
