/// What a server does with every request, whatever its route: limits, and what every answer says.
package protocol RequestPolicy: Sendable {
    /// The headers of a request are there. Called on the event loop: must not block.
    func begin(headers: HTTPHeaders, peer: PeerAddress) -> any RequestVisit
}

/// One request as a ``RequestPolicy`` sees it, from its headers to the last byte of its answer.
///
/// Everything but `settle()` is called on the event loop of the connection and must not block.
package protocol RequestVisit: AnyObject, Sendable {
    /// Whom the request comes from: the peer, or whom a proxy names that may be believed.
    var client: PeerAddress { get }

    /// Called before the route's own checks and before the body is read; not called when the server stops, bears no
    /// more requests, or can't read the request.
    ///
    /// - Parameters:
    ///   - request: its route is `unmatched` where no route has the path and the method.
    ///   - isPathKnown: whether a route has the path, whatever the method.
    /// - Returns: the answer, when no route is to be asked for it.
    /// - Throws: the error to answer with.
    func admit(_ request: HTTPRequest, isPathKnown: Bool) throws -> HTTPResponse?

    /// An endless stream is about to be sent. What is thrown is answered in its place.
    func openStream() throws

    /// Completes the head of the answer.
    func amend(_ response: inout HTTPResponse)

    /// The answer's head is sent or never will be, and the handler has ended. Called once, on any thread, also after
    /// `end()` where a handler goes on without its client; not called for a request that `admit` was not asked about
    /// because the server stops or bears no more.
    func settle()

    /// The last byte of the answer is sent, or the connection is lost. Called once.
    func end()
}
