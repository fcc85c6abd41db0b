/// An answer: status, headers and body. X-Request-ID, X-Response-Time, Date, Connection and
/// Content-Length are added by the server.
package struct HTTPResponse: Sendable {
    /// The status code, 200–599.
    package var status: Int
    /// The header fields, without the ones that the server adds.
    package var headers: HTTPHeaders
    /// The body; it is dropped for HEAD, 204 and 304.
    package var body: ResponseBody

    /// Makes a response.
    package init(status: Int = 200, headers: HTTPHeaders = HTTPHeaders(), body: ResponseBody = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Already encoded JSON.
    package static func json(_ bytes: [UInt8], status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: jsonHeaders, body: .bytes(bytes))
    }

    /// Plain text in UTF-8.
    package static func text(_ text: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: textHeaders, body: .bytes(Array(text.utf8)))
    }

    /// A body of a given content type.
    package static func bytes(_ bytes: [UInt8], contentType: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": contentType], body: .bytes(bytes))
    }

    /// A body that a task writes while it is being sent; see ``ResponseStream``.
    package static func stream(
        contentType: String, status: Int = 200, length: Int? = nil,
        _ produce: @escaping @Sendable (ResponseWriter) async throws -> Void
    ) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: ["Content-Type": contentType],
            body: .stream(ResponseStream(length: length, produce)))
    }

    private static let jsonHeaders: HTTPHeaders = ["Content-Type": "application/json"]
    private static let textHeaders: HTTPHeaders = ["Content-Type": "text/plain; charset=utf-8"]
}

/// What follows the headers of a response.
package enum ResponseBody: Sendable {
    /// Nothing; Content-Length is 0.
    case empty
    /// Bytes in memory.
    case bytes([UInt8])
    /// Bytes written by a task while the client reads them.
    case stream(ResponseStream)
}
