internal import CCurl

/// Why an exchange brought no whole answer.
package struct HTTPClientError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// libcurl is not installed.
        case libraryMissing
        case outOfMemory
        /// The body is over the limit; the status has come.
        case answerTooLarge
        /// None of the host's addresses may be connected to.
        case refusedAddress
        /// The certificate is not trusted.
        case untrusted
        case timedOut
        /// A header holds what it must not.
        case invalidHeader(String)
        /// No answer came.
        case unreachable
    }

    package let code: Code
    /// libcurl's words, or ours; they may name the host.
    package let words: String
    /// Of an answer that was cut off.
    package let status: Int?

    package var description: String { words }

    init(_ code: Code, _ words: String, status: Int? = nil) {
        self.code = code
        self.words = words
        self.status = status
    }

    init(_ result: Int32, _ answer: flotilla_http_response) {
        let words = withUnsafeBytes(of: answer.error) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let status = answer.status == 0 ? nil : answer.status
        switch result {
        case FLOTILLA_HTTP_NO_LIBRARY.rawValue: self.init(.libraryMissing, "libcurl.so.4 is not installed")
        case FLOTILLA_HTTP_NO_MEMORY.rawValue: self.init(.outOfMemory, "there is no memory for the exchange")
        case FLOTILLA_HTTP_RESPONSE_TOO_LARGE.rawValue:
            self.init(.answerTooLarge, "the answer is too large", status: status)
        case FLOTILLA_HTTP_REFUSED_ADDRESS.rawValue:
            self.init(.refusedAddress, "the host's address may not be connected to")
        case 28: self.init(.timedOut, words, status: status)  // CURLE_OPERATION_TIMEDOUT
        case 60, 77: self.init(.untrusted, words)  // CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE
        default: self.init(.unreachable, words, status: status)
        }
    }
}
