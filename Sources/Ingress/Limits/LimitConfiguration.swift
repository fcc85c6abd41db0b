/// What senders may do, and who may stand before them.
package struct LimitConfiguration: Sendable {
    /// Whose word about a client's address is taken (`TRUSTED_PROXIES`).
    package var trustedProxies: [AddressRange] = []
    /// Nil does not limit (`RATE_LIMIT`).
    package var rate: RateLimit?
    /// Open requests of one principal (`MAX_CONCURRENT_REQUESTS`); 0 is no limit.
    package var maximumConcurrentRequests = 256
    /// Open streams of one principal (`MAX_STREAMS`); 0 is no limit.
    package var maximumStreams = 32
    /// Nil allows loopback origins on a loopback listener and none on others (`CORS_ORIGINS`).
    package var origins: CORSOrigins?

    /// Makes the defaults.
    package init() {}

    func origins(listeningOn host: String) -> CORSOrigins {
        origins ?? (AccessConfiguration.isLoopback(host) ? .loopback : .none)
    }
}
