internal import CCurl
internal import Glibc
internal import Runtime
internal import Synchronization

/// Makes HTTP requests through libcurl, one at a time, on a thread of its own. It follows no redirect.
package final class HTTPClient: Sendable {
    /// One request.
    package struct Request: Sendable {
        package var method: String
        package var url: String
        /// Names and values; neither may hold a control character.
        package var headers: [(name: String, value: String)]
        package var body: [UInt8]?
        /// Of the whole exchange.
        package var timeout: Duration

        package init(
            method: String = "GET", url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
            timeout: Duration = .seconds(10)
        ) {
            self.method = method
            self.url = url
            self.headers = headers
            self.body = body
            self.timeout = timeout
        }
    }

    /// An answer, whatever its status.
    package struct Response: Sendable {
        package var status: Int
        package var body: [UInt8]
        /// Of the header `Retry-After`.
        package var retryAfter: Duration?

        package init(status: Int, body: [UInt8], retryAfter: Duration? = nil) {
            self.status = status
            self.body = body
            self.retryAfter = retryAfter
        }
    }

    /// Whom a client may speak with.
    package struct Reach: Sendable {
        /// Asked for every address that a host's name was resolved to, at the moment of connecting: 4 or 16 bytes, as
        /// they are in packets.
        package let permits: @Sendable ([UInt8]) -> Bool

        /// Beside no other addresses than these, no proxy of the environment is used either.
        package init(permits: @escaping @Sendable ([UInt8]) -> Bool) { self.permits = permits }
    }

    private let thread = BlockingThread(name: "http-client")
    private let authorities: String?
    private let reach: Reach?
    private let responseLimit: Int

    /// - Parameters:
    ///   - authorities: A PEM file of the authorities that an https service is trusted by; nil for the system's.
    ///   - reach: nil for everybody, and through the proxy that the environment names.
    ///   - responseLimit: Bytes of an answer's body; unless given 64 MiB, several times the longest the service gives.
    package init(authorities: String? = nil, reach: Reach? = nil, responseLimit: Int = 64 << 20) {
        self.authorities = authorities
        self.reach = reach
        self.responseLimit = responseLimit
    }

    /// Makes one exchange. A failed one is not repeated; one whose task is cancelled ends within about a second.
    /// - Throws: `HTTPClientError`.
    package func send(_ request: Request) async throws -> Response {
        for header in request.headers where header.value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            throw HTTPClientError(.invalidHeader(header.name), "the value of \(header.name) holds a control character")
        }
        let exchange = ExchangeContext(reach)
        return try await withTaskCancellationHandler {
            try await thread.run { [self] in try perform(request, exchange) }
        } onCancel: {
            exchange.cancel()
        }
    }

    private func perform(_ request: Request, _ exchange: ExchangeContext) throws(HTTPClientError) -> Response {
        let lines = request.headers.map { strdup("\($0.name): \($0.value)") }
        let authorityFile = authorities.flatMap { strdup($0) }
        defer {
            lines.forEach { free($0) }
            free(authorityFile)
        }
        var answer = flotilla_http_response()
        defer { flotilla_http_response_free(&answer) }
        let code = withExtendedLifetime(exchange) {
            withBorrowed(request, lines.map { UnsafePointer($0) }, authorityFile, exchange) {
                flotilla_http_perform($0, &answer)
            }
        }
        guard code == FLOTILLA_HTTP_OK.rawValue else { throw HTTPClientError(code, answer) }
        return Response(
            status: answer.status, body: Array(UnsafeBufferPointer(start: answer.body, count: answer.body_length)),
            retryAfter: answer.retry_after > 0 ? .seconds(answer.retry_after) : nil)
    }

    private func withBorrowed(
        _ request: Request, _ lines: [UnsafePointer<CChar>?], _ authorities: UnsafePointer<CChar>?,
        _ exchange: ExchangeContext, _ body: (UnsafePointer<flotilla_http_request>) -> Int32
    ) -> Int32 {
        request.method.withCString { method in
            request.url.withCString { url in
                lines.withUnsafeBufferPointer { headers in
                    (request.body ?? []).withUnsafeBufferPointer { bytes in
                        var native = flotilla_http_request()
                        native.method = method
                        native.url = url
                        native.authorities = authorities
                        native.headers = headers.baseAddress
                        native.header_count = headers.count
                        native.body = request.body == nil ? nil : bytes.baseAddress
                        native.body_length = bytes.count
                        native.timeout_ms = Int(request.timeout / .milliseconds(1))
                        native.response_limit = responseLimit
                        exchange.configure(&native)
                        return body(&native)
                    }
                }
            }
        }
    }
}

/// What libcurl asks back during one exchange.
private final class ExchangeContext: Sendable {
    private let reach: HTTPClient.Reach?
    private let isCancelled = Mutex(false)

    init(_ reach: HTTPClient.Reach?) { self.reach = reach }

    func cancel() { isCancelled.withLock { $0 = true } }

    /// The pointer is good as long as this object lives.
    func configure(_ request: inout flotilla_http_request) {
        request.context = Unmanaged.passUnretained(self).toOpaque()
        request.is_cancelled = { context in
            guard let context else { return 0 }
            let exchange = Unmanaged<ExchangeContext>.fromOpaque(context).takeUnretainedValue()
            return exchange.isCancelled.withLock { $0 } ? 1 : 0
        }
        guard reach != nil else { return }
        request.ignores_proxies = 1
        request.permits = { context, address, length in
            guard let context, let address else { return 0 }
            let exchange = Unmanaged<ExchangeContext>.fromOpaque(context).takeUnretainedValue()
            let bytes = Array(UnsafeBufferPointer(start: address, count: length))
            return exchange.reach?.permits(bytes) == true ? 1 : 0
        }
    }
}
