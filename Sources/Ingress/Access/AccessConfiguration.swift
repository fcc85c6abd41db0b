/// Who may use the ingress.
package struct AccessConfiguration: Sendable {
    /// Whether requests need credentials (`FLOTILLA_AUTH`).
    package enum Mode: String, Sendable, CaseIterable {
        case required
        /// Everyone is an administrator; only on loopback.
        case open
    }

    package var mode: Mode
    /// `JWT_SECRET_KEY`; nil makes one once and keeps it in the state folder.
    package var secret: String?
    /// `API_KEYS`.
    package var apiKeys: [APIKey]
    /// The keys of another issuer, whose tokens are taken as well (`JWT_PUBLIC_KEY_PATH`).
    package var externalKeys: ExternalKeys?
    /// How long a minted access token is good for (`JWT_ACCESS_TOKEN_EXPIRE_MINUTES`).
    package var accessTokenLifetime: Duration

    package init(
        mode: Mode = .required, secret: String? = nil, apiKeys: [APIKey] = [],
        accessTokenLifetime: Duration = .seconds(3600)
    ) {
        self.mode = mode
        self.secret = secret
        self.apiKeys = apiKeys
        self.accessTokenLifetime = accessTokenLifetime
    }

    /// - Throws: `AccessError` when open access is asked for on an address that others can reach.
    package func validate(listeningOn host: String) throws(AccessError) {
        guard mode == .required || Self.isLoopback(host) else { throw AccessError.openBeyondLoopback(host) }
    }

    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
