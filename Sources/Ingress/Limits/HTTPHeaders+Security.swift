internal import HTTPKit

extension HTTPHeaders {
    /// What every answer tells browsers, unless its handler says otherwise.
    ///
    /// - Parameter speaksTLS: whether the listener does, so that browsers may be told to use nothing else.
    static func security(speaksTLS: Bool) -> HTTPHeaders {
        var headers: HTTPHeaders = [
            "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        ]
        if speaksTLS { headers.append("Strict-Transport-Security", "max-age=31536000") }
        return headers
    }
}
