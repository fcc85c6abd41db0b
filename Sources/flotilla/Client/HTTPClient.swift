import CCurl
import Glibc
import Runtime

/// Makes HTTP requests through libcurl, one at a time, on a thread of its own.
final class HTTPClient: Sendable {
    /// One request.
    struct Request: Sendable {
        var method = "GET"
        var url: String
        /// Names and values; neither may hold a control character.
        var headers: [(name: String, value: String)] = []
        var body: [UInt8]?
        /// Of the whole exchange.
        var timeout: Duration = .seconds(10)
    }

    /// An answer, whatever its status.
    struct Response: Sendable {
        var status: Int
        var body: [UInt8]
    }

    /// An answer's body above this is refused: 64 MiB, several times the longest the service gives.
    private static let responseLimit = 64 << 20

    private let thread = BlockingThread(name: "http-client")
    private let authorities: String?

    /// - Parameter authorities: A PEM file of the authorities that an https service is trusted by; nil for the system's.
    init(authorities: String? = nil) { self.authorities = authorities }

    /// Makes one exchange. A failed one is not repeated.
    /// - Throws: `CommandFailure`: `.unreachable` when no answer came, `.usage` for a header that cannot be sent.
    func send(_ request: Request) async throws -> Response {
        for header in request.headers where header.value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            throw CommandFailure.usage("invalid_value", "the value of \(header.name) holds a control character")
        }
        return try await thread.run { [authorities] in try Self.perform(request, authorities) }
    }

    private static func perform(_ request: Request, _ authorities: String?) throws -> Response {
        let lines = request.headers.map { strdup("\($0.name): \($0.value)") }
        let authorityFile = authorities.flatMap { strdup($0) }
        defer {
            lines.forEach { free($0) }
            free(authorityFile)
        }
        var answer = flotilla_http_response()
        defer { flotilla_http_response_free(&answer) }
        let code = withBorrowed(request, lines.map { UnsafePointer($0) }, authorityFile) {
            flotilla_http_perform($0, &answer)
        }
        guard code == FLOTILLA_HTTP_OK.rawValue else { throw failure(code, answer, request) }
        let body = UnsafeBufferPointer(start: answer.body, count: answer.body_length)
        return Response(status: answer.status, body: Array(body))
    }

    private static func withBorrowed(
        _ request: Request, _ lines: [UnsafePointer<CChar>?], _ authorities: UnsafePointer<CChar>?,
        _ body: (UnsafePointer<flotilla_http_request>) -> Int32
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
                        native.timeout_ms = Int(request.timeout.seconds * 1000)
                        native.response_limit = responseLimit
                        return body(&native)
                    }
                }
            }
        }
    }

    private static func failure(
        _ code: Int32, _ answer: flotilla_http_response, _ request: Request
    ) -> CommandFailure {
        let words = withUnsafeBytes(of: answer.error) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        switch code {
        case FLOTILLA_HTTP_NO_LIBRARY.rawValue:
            return CommandFailure(
                .unreachable, "library_missing", "libcurl.so.4 is not installed",
                hint: "Install it with: apt-get install libcurl4")
        case FLOTILLA_HTTP_RESPONSE_TOO_LARGE.rawValue:
            return CommandFailure(.failed, "answer_too_large", "the answer of \(request.url) is over 64 MiB")
        case FLOTILLA_HTTP_NO_MEMORY.rawValue:
            return CommandFailure(.failed, "out_of_memory", "there is no memory for the exchange")
        case 60, 77:  // CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE
            return CommandFailure(
                .unreachable, "service_untrusted", "\(request.url) cannot be trusted: \(words)",
                hint: "The certificate of a private authority is given with --ca-file or FLOTILLA_CA_FILE.")
        default:
            return CommandFailure(
                .unreachable, "service_unreachable", "\(request.url) cannot be reached: \(words)",
                hint: "Is 'flotilla up' running? Another address is given with --url or FLOTILLA_URL.")
        }
    }
}
