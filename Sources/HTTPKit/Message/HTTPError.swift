/// A failure with the answer it deserves; handlers throw it, the server's ``ErrorRenderer`` writes it.
package struct HTTPError: Error, Sendable {
    /// The status code, 400–599.
    package var status: Int
    /// A stable word for programs, such as `not_found`.
    package var code: String
    /// A sentence for people. It must not carry exception texts, paths of the server or SQL.
    package var message: String
    /// JSON for the body's `detail`, when it isn't the message: the list of a validation error.
    package var detail: [UInt8]?
    /// JSON object for the body's `details`.
    package var details: [UInt8]?
    /// Headers of the answer, such as `Allow`, `Retry-After` and `WWW-Authenticate`.
    package var headers: HTTPHeaders

    /// Makes an error; `detail` and `details` are JSON.
    package init(
        _ status: Int, _ code: String, _ message: String, detail: [UInt8]? = nil, details: [UInt8]? = nil,
        headers: HTTPHeaders = HTTPHeaders()
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail
        self.details = details
        self.headers = headers
    }
}

extension HTTPError {
    /// 404: no route has this path.
    package static let notFound = HTTPError(404, "not_found", "There is nothing at this path.")
    /// 413: the body is larger than the route's limit.
    package static let payloadTooLarge = HTTPError(413, "payload_too_large", "The request body is too large.")
    /// 500: a handler failed; the cause is in the log only.
    package static let internalError = HTTPError(500, "internal_error", "The server could not answer the request.")
    /// 503: too many exchanges are in flight.
    package static let overloaded = HTTPError(
        503, "overloaded", "The server is busy; try again shortly.", headers: ["Retry-After": "1"])
    /// 503: the server stops.
    package static let stopping = HTTPError(
        503, "stopping", "The server is stopping; try again shortly.", headers: ["Retry-After": "2"])

    /// 405: the path exists, the method doesn't.
    ///
    /// - Parameter allowed: the methods the path has, for the Allow header.
    package static func methodNotAllowed(_ allowed: [String]) -> HTTPError {
        HTTPError(
            405, "method_not_allowed", "This path does not answer the method.",
            headers: ["Allow": allowed.joined(separator: ", ")])
    }
}

/// Writes the answer for an error; the server adds the X-Request-ID header.
package typealias ErrorRenderer = @Sendable (_ error: HTTPError, _ requestID: String) -> HTTPResponse
