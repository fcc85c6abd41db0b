package import Runtime

/// What is known about a request when it is over: for metrics and access logs.
package struct RequestObservation: Sendable {
    /// The method as it was sent, `OTHER` for one that no route can have.
    package let method: String
    /// The route's pattern, or `unmatched`.
    package let route: String
    /// The status that was sent; 0 when the client left before there was one.
    package let status: Int
    /// From the request line to the last byte handed to the kernel, or to the loss of the connection.
    package let duration: Duration
    /// Bytes of request body taken from the connection.
    package let bytesIn: Int
    /// Bytes of response body, not counting the framing.
    package let bytesOut: Int
    let id: RequestID
    let origin: TraceOrigin
    /// The other end of the connection.
    package let peer: PeerAddress
    /// Whom the request comes from: the peer, or whom a proxy names that may be believed.
    package let client: PeerAddress

    /// The exchange's X-Request-ID; made into text when it is asked for, which most requests are not.
    package var requestID: String { id.text }
    /// What stands in every log line about the request.
    package var logFields: LogFields { HTTPRequest.logFields(requestID: requestID, trace: origin.context) }
}
