extension HTTPError {
    /// The error for a request that the C library refuses before any handler sees it.
    init(libraryStatus status: Int) {
        switch status {
        case 413: self = .payloadTooLarge
        case 414: self.init(status, "uri_too_long", "The request target is too long.")
        case 431: self.init(status, "headers_too_large", "The request's headers are too large.")
        case 500...:
            self.init(
                status, status == 505 ? "http_version_not_supported" : "internal_error",
                status == 505 ? "The server speaks HTTP/1.1 and HTTP/1.0." : "The server could not answer the request.")
        default: self.init(status, "bad_request", "The request is malformed.")
        }
    }
}
