internal import HTTPKit
package import Runtime

/// Finds out who sends a request.
package struct Authenticator: Sendable {
    private let configuration: AccessConfiguration
    private let tokens: AccessTokens
    private let directory: AccountDirectory
    private let time: any TimeSource

    package init(
        configuration: AccessConfiguration, tokens: AccessTokens, directory: AccountDirectory, time: any TimeSource
    ) {
        self.configuration = configuration
        self.tokens = tokens
        self.directory = directory
        self.time = time
    }

    /// Whether the request carries a token or a key, right or wrong; always true where access is open.
    func hasCredentials(_ request: HTTPRequest) -> Bool {
        configuration.mode == .open || request.headers.contains("Authorization")
            || request.headers.contains("X-API-Key")
    }

    /// - Throws: 401 with the reason; 403 for a user who is inactive or locked.
    func principal(of request: HTTPRequest) throws(HTTPError) -> Principal {
        if configuration.mode == .open { return .everyone }
        if let token = request.headers.first("Authorization").flatMap(Self.bearerToken) {
            return try directory.current(try holder(of: token), now: time.now)
        }
        if let key = request.headers.first("X-API-Key") { return try principal(ofKey: key) }
        throw .unauthenticated()
    }

    /// Whether the holder of a token or key that was good may go on.
    func isCurrent(_ principal: Principal) -> Bool {
        let now = time.now
        if configuration.mode == .open { return true }
        if let end = principal.expiresAt, end <= now { return false }
        let isKey = principal.id.hasPrefix(APIKey.principalPrefix)
        guard !isKey else {
            return configuration.apiKeys.contains { $0.principal.id == principal.id }
                || directory.keys.contains { $0.key.principal.id == principal.id }
        }
        do {
            _ = try directory.current(principal, now: now)
            return true
        } catch {
            return false  // Revoked, inactive or locked: whoever asks ends what it does.
        }
    }

    private func holder(of token: String) throws(HTTPError) -> Principal {
        do {
            return try tokens.verify(token)
        } catch {
            throw .unauthenticated(error.message)
        }
    }

    private func principal(ofKey text: String) throws(HTTPError) -> Principal {
        let hash = SecretHash(of: text)
        // Every key is compared, so that the time does not tell which one matched.
        var found = directory.key(hash)
        for key in configuration.apiKeys where key.hash.matches(hash) { found = key }
        guard let found else { throw .unauthenticated("Invalid API key") }
        if let end = found.expiresAt, end <= time.now { throw .unauthenticated("API key has expired") }
        return found.principal
    }

    private static func bearerToken(_ header: String) -> String? {
        // As nearly everybody writes it: no list of parts has to be made.
        if header.utf8.starts(with: "Bearer ".utf8), header.utf8.dropFirst(7).first ?? 32 != 32 {
            return String(Substring(header.utf8.dropFirst(7)))
        }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].utf8.count == 6, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }
}
