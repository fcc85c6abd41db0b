/// A request's line and headers, with what the router found.
package struct HTTPRequest: Sendable {
    /// The method; a HEAD request answered by a GET route says HEAD here.
    package let method: HTTPMethod
    /// The path as it was sent, without the query and still percent-encoded.
    package let path: String
    /// The query, decoded when it is asked for.
    package let query: QueryParameters
    /// The header fields as they were sent.
    package let headers: HTTPHeaders
    /// The values of the pattern's `{name}` segments, decoded.
    package let parameters: PathParameters
    /// The other end of the connection.
    package let peer: PeerAddress
    /// The pattern of the route, such as `/api/v1/commands/{request_id}/status`: bounded, so it can label metrics.
    package let route: String
    let id: RequestID
    let traceSeed: (high: UInt64, low: UInt64)
    /// What the server's policy keeps of the request; nil without one.
    package let visit: (any RequestVisit)?

    /// Whom the request comes from: the peer, or whom a proxy names that may be believed.
    package var client: PeerAddress { visit?.client ?? peer }

    /// The X-Request-ID of the exchange: the client's when it is 1–128 printable ASCII characters, else a made UUID.
    package var requestID: String { id.text }

    /// Makes a request for tests and for answering one route from another.
    package init(
        method: HTTPMethod, path: String, query: QueryParameters = QueryParameters(),
        headers: HTTPHeaders = HTTPHeaders(), parameters: [String: String] = [:], peer: PeerAddress,
        requestID: String, route: String
    ) {
        var generator = SystemRandomNumberGenerator()
        self.init(
            method: method, path: path, query: query, headers: headers,
            parameters: PathParameters(names: Array(parameters.keys), values: Array(parameters.values)), peer: peer,
            route: route, id: .given(requestID), traceSeed: (generator.next(), generator.next()), visit: nil)
    }

    init(
        method: HTTPMethod, path: String, query: QueryParameters, headers: HTTPHeaders, parameters: PathParameters,
        peer: PeerAddress, route: String, id: RequestID, traceSeed: (high: UInt64, low: UInt64),
        visit: (any RequestVisit)?
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.parameters = parameters
        self.peer = peer
        self.route = route
        self.id = id
        self.traceSeed = traceSeed
        self.visit = visit
    }
}
