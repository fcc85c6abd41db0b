internal import HTTPKit

/// The fields of cross-origin requests (the Fetch standard).
extension HTTPHeaders {
    /// What pages of an origin may read of any answer.
    mutating func appendCORS(for origin: String) {
        append("Access-Control-Allow-Origin", origin)
        append("Access-Control-Allow-Credentials", "true")
        append(
            "Access-Control-Expose-Headers",
            "X-Request-ID, X-Response-Time, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, "
                + "ETag, Location, Idempotency-Replayed, Preference-Applied")
    }

    /// What pages of an allowed origin may send, and for how long that may be kept.
    ///
    /// - Parameter wanted: the request's Access-Control-Request-Headers; echoed when it is a list of header names.
    mutating func appendPreflight(wanted: String?) {
        append("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS, PATCH")
        if let wanted, Self.isNameList(wanted) { append("Access-Control-Allow-Headers", wanted) }
        append("Access-Control-Max-Age", "3600")
    }

    /// Whether the text is names of headers, separated by commas.
    private static func isNameList(_ text: String) -> Bool {
        text.utf8.split(separator: 44, omittingEmptySubsequences: false).allSatisfy { part in
            let name = part.drop { $0 == 32 || $0 == 9 }
            let rest = name.drop(while: isTokenByte)
            return !name.isEmpty && rest.count < name.count && rest.allSatisfy { $0 == 32 || $0 == 9 }
        }
    }

    /// Whether a byte may stand in the name of a header (RFC 9110 §5.6.2).
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        case 33, 35...39, 42, 43, 45, 46, 94, 95, 96, 124, 126: true
        default: false
        }
    }
}
